using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Importing;
using MailServer.Storage.SafeFiles;

namespace MailServer.Exporting;

/// <summary>Appends messages to an mbox file (mboxrd): LF line endings, <c>&gt;</c> before lines that begin with <c>From </c>, flags as header fields.</summary>
internal static class MboxWriter
{
    private const int MaxLine = 1024 * 1024;

    public static void Append(Stream output, string file, MessageFlags flags)
    {
        using var input = SafeFileReader.Stream(SafeFileReader.Open(file));
        using var lines = new StreamLineReader(input, MaxLine);
        var date = File.GetLastWriteTimeUtc(input.SafeFileHandle);
        Write(output, string.Create(CultureInfo.InvariantCulture, $"From MAILER-DAEMON {date:ddd MMM} {date.Day,2} {date:HH:mm:ss yyyy}\n"));
        Write(output, Fields(flags));
        while (lines.Read() is { } line)
        {
            var text = line.Span.TrimEnd("\r\n"u8);
            if (text.TrimStart((byte)'>').StartsWith("From "u8)) output.WriteByte((byte)'>');
            output.Write(text);
            if (text.Length < line.Length) output.WriteByte((byte)'\n');
        }

        output.WriteByte((byte)'\n');
    }

    private static string Fields(MessageFlags flags)
    {
        var fields = new StringBuilder();
        fields.Append(flags.System.HasFlag(SystemFlags.Seen) ? "Status: RO\n" : "Status: O\n");
        var more = string.Concat(
            flags.System.HasFlag(SystemFlags.Answered) ? "A" : "", flags.System.HasFlag(SystemFlags.Deleted) ? "D" : "",
            flags.System.HasFlag(SystemFlags.Flagged) ? "F" : "", flags.System.HasFlag(SystemFlags.Draft) ? "T" : "");
        if (more.Length > 0) fields.Append(CultureInfo.InvariantCulture, $"X-Status: {more}\n");
        if (flags.Keywords.Count > 0) fields.Append(CultureInfo.InvariantCulture, $"X-Keywords: {string.Join(' ', flags.Keywords.Keywords)}\n");
        return fields.ToString();
    }

    private static void Write(Stream output, string text) => output.Write(Encoding.ASCII.GetBytes(text));
}
