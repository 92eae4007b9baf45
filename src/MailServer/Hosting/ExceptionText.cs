namespace MailServer.Hosting;

/// <summary>Formats an exception with its stack and inner exceptions as indented lines. Line breaks in messages are escaped.</summary>
internal static class ExceptionText
{
    private const int MostExceptions = 10;

    public static IEnumerable<string> Lines(Exception exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        var lines = new List<string>();
        Add(exception, lines, "  ", MostExceptions);
        return lines;
    }

    private static int Add(Exception e, List<string> lines, string mark, int left)
    {
        lines.Add($"{mark}{e.GetType()}: {OutputEscaping.Escape(e.Message)}");
        foreach (var line in (e.StackTrace ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
            lines.Add("     " + OutputEscaping.Escape(line));
        IEnumerable<Exception> inner = e is AggregateException { InnerExceptions: var several } ? several : e.InnerException is { } one ? [one] : [];
        left--;
        foreach (var cause in inner)
        {
            if (left <= 0) break;
            left = Add(cause, lines, "   ---> ", left);
        }

        return left;
    }
}
