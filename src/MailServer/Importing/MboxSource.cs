using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>
/// An mbox file: messages behind <c>From </c> lines; lines of text that begin so have <c>&gt;</c> in front, which is taken away (mboxrd).
/// Flags are those of the Status, X-Status and X-Keywords fields.
/// </summary>
internal sealed class MboxSource : IMailSource
{
    private const int MaxLine = 1024 * 1024;

    private readonly string _file;
    private readonly FolderName _folder;
    private readonly long _maxMessage;

    /// <exception cref="FileNotFoundException">There is no such file.</exception>
    /// <exception cref="InvalidDataException">It is no mbox file.</exception>
    public MboxSource(string file, FolderName folder, long maxMessage)
    {
        (_file, _folder, _maxMessage) = (file, folder, maxMessage);
        using var stream = ForeignFile.Stream(ForeignFile.Open(file));
        Span<byte> start = stackalloc byte[5];
        if (stream.Length > 0 && (stream.ReadAtLeast(start, 5, throwOnEndOfStream: false) < 5 || !start.SequenceEqual("From "u8)))
            throw new InvalidDataException($"{file} is no mbox file: it does not begin with 'From '");
    }

    public long? Count => null;

    public async IAsyncEnumerable<SourceMessage> ReadAsync(Action<string> complain, [EnumeratorCancellation] CancellationToken cancel)
    {
        await using var stream = ForeignFile.Stream(ForeignFile.Open(_file));
        using var lines = new LineReader(stream, MaxLine);
        using var message = new MemoryStream();
        DateTimeOffset? date = null;
        var wasEmpty = true;
        var (inMessage, number, tooLarge) = (false, 0L, false);
        while (lines.Read() is { } line)
        {
            cancel.ThrowIfCancellationRequested();
            if (wasEmpty && line.Span.StartsWith("From "u8))
            {
                if (inMessage && !tooLarge) yield return Make(message, date);
                (inMessage, tooLarge, date) = (true, false, DateOf(line.Span));
                number++;
                message.SetLength(0);
                wasEmpty = false;
                continue;
            }

            wasEmpty = line.Span.TrimEnd("\r\n"u8).IsEmpty;
            if (tooLarge) continue;
            message.Write(IsQuoted(line.Span) ? line.Span[1..] : line.Span);
            if (message.Length <= _maxMessage) continue;
            tooLarge = true;
            complain($"{_file}: message {number} is larger than security.max_message_size and is left out");
        }

        if (inMessage && !tooLarge) yield return Make(message, date);
    }

    /// <summary>The empty line before the next <c>From </c> belongs to the file and not to the message.</summary>
    private SourceMessage Make(MemoryStream message, DateTimeOffset? date)
    {
        var content = message.ToArray().AsMemory();
        if (content.Span.EndsWith("\r\n\r\n"u8)) content = content[..^2];
        else if (content.Span.EndsWith("\n\n"u8)) content = content[..^1];
        var header = HeaderOf(content.Span);
        return new SourceMessage(_folder, FlagsOf(header), date ?? DateTimeOffset.UnixEpoch, content);
    }

    private static bool IsQuoted(ReadOnlySpan<byte> line)
    {
        var text = line.TrimStart((byte)'>');
        return text.Length < line.Length && text.StartsWith("From "u8);
    }

    /// <summary><c>From sender Thu Jan  1 00:00:00 1970</c>, in UTC.</summary>
    private static DateTimeOffset? DateOf(ReadOnlySpan<byte> line)
    {
        var words = Encoding.Latin1.GetString(line).Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (words.Length < 7) return null;
        var text = string.Join(' ', words.Skip(2).Take(5));
        return DateTimeOffset.TryParseExact(text, "ddd MMM d HH:mm:ss yyyy", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date) ? date : null;
    }

    private static string HeaderOf(ReadOnlySpan<byte> content)
    {
        var (lf, crlf) = (content.IndexOf("\n\n"u8), content.IndexOf("\r\n\r\n"u8));
        var end = lf < 0 ? crlf : crlf < 0 ? lf : Math.Min(lf, crlf);
        return Encoding.Latin1.GetString(end < 0 ? content : content[..end]);
    }

    private static MessageFlags FlagsOf(string header)
    {
        var system = SystemFlags.None;
        string[] keywords = [];
        foreach (var line in header.Split('\n'))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (colon < 0) continue;
            var value = line[(colon + 1)..].Trim();
            switch (line[..colon].ToUpperInvariant())
            {
                case "STATUS":
                    if (value.Contains('R', StringComparison.Ordinal)) system |= SystemFlags.Seen;
                    break;
                case "X-STATUS":
                    system |= XStatus(value);
                    break;
                case "X-KEYWORDS":
                    keywords = value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries);
                    break;
            }
        }

        return new MessageFlags(system, KeywordSet.Of(keywords));
    }

    private static SystemFlags XStatus(string value) => value.Aggregate(SystemFlags.None, static (flags, letter) => flags | letter switch
    {
        'A' => SystemFlags.Answered,
        'F' => SystemFlags.Flagged,
        'D' => SystemFlags.Deleted,
        'T' => SystemFlags.Draft,
        _ => SystemFlags.None,
    });
}
