"""The demonstration: the acceptance story's world in mid-course, made by the services that people use, never by bare rows."""
