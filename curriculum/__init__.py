"""What is taught and observed: courses, cohorts, nominations, gates, attendance, assessments."""
