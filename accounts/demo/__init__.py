"""The invented people of the demonstration: names a reader can recognise, addresses nobody owns."""
