namespace MailServer.Web.Admin;

/// <summary>Selects lines of the log file. A line matches if all given criteria match.</summary>
/// <param name="Text">Words that the line contains, without regard to case; null matches any.</param>
/// <param name="Level">The least severe level: trace, debug, info, warning or error; null matches any.</param>
/// <param name="Max">The number of lines.</param>
public sealed record LogFilter(string? Text, string? Level, int Max);

/// <summary>A line of the log.</summary>
/// <param name="Level">Its level; empty if it cannot be told.</param>
/// <param name="Text">The whole line as it is in the file.</param>
public sealed record LogLine(string Level, string Text);

/// <summary>The newest matching lines of the log file, oldest first.</summary>
/// <param name="File">The file; null if the log is not written to one.</param>
/// <param name="Lines">The lines.</param>
/// <param name="IsPart">True if only the end of the file was read, because it is large.</param>
/// <param name="Problem">Why the file cannot be read; null if it can.</param>
public sealed record LogLines(string? File, IReadOnlyList<LogLine> Lines, bool IsPart, string? Problem);
