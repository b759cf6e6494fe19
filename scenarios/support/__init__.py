"""What arroyo's scenarios share. Not scenarios themselves: those are the files one folder up."""
