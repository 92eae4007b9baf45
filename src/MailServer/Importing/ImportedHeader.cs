using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Messages;
using MimeKit.Utils;

namespace MailServer.Importing;

/// <summary>The header fields that matter for an import: Message-ID, date, and fields in which other programs store flags and labels.</summary>
internal sealed class ImportedHeader
{
    /// <summary>How many octets of a message that is too large are kept to read its header, in order to identify it.</summary>
    public const int HeaderPrefixOctets = 64 * 1024;

    private const int LongestDate = 256;
    private const int LongestMark = 64 * 1024;

    // Years outside this range come from broken clocks.
    private const int FirstYear = 1971;
    private const int LastYear = 2100;

    private readonly List<string> _keywords = [];
    private SystemFlags _flags;
    private DateTimeOffset? _received;
    private DateTimeOffset? _sent;
    private bool _isFromDaemon;
    private bool _isAboutFolder;

    private ImportedHeader() { }

    public string? MessageId { get; private set; }

    /// <summary>The labels of a Gmail export; null if there are none.</summary>
    public IReadOnlyList<string>? Labels { get; private set; }

    /// <summary>The time at which the last server received it (RFC 5321 §4.4), otherwise its Date.</summary>
    public DateTimeOffset? Date => _received ?? _sent;

    public SystemFlags Flags => Labels is null ? _flags : _flags | GmailLabels.FlagsOf(Labels);

    public IReadOnlyList<string> Keywords => _keywords;

    /// <summary>Whether it is the pseudo message with folder data that UW IMAP and Pine store first in a file.</summary>
    public bool IsFolderData => _isFromDaemon && _isAboutFolder;

    public static bool IsPlausible(DateTimeOffset date) => date.Year is >= FirstYear and <= LastYear;

    public static ImportedHeader Read(ReadOnlySpan<byte> content)
    {
        var header = new ImportedHeader();
        foreach (var field in HeaderFields.Enumerate(content))
            if (!field.Name.IsEmpty) header.Take(Encoding.ASCII.GetString(field.Name).ToUpperInvariant(), field.Value);
        return header;
    }

    private void Take(string name, ReadOnlySpan<byte> value)
    {
        switch (name)
        {
            case "MESSAGE-ID":
                MessageId ??= Text(value);
                break;
            case "RECEIVED":
                _received ??= DateOf(value[(value.LastIndexOf((byte)';') + 1)..]);
                break;
            case "DATE":
                _sent ??= DateOf(value);
                break;
            case "FROM":
                _isFromDaemon |= Text(value).Contains("MAILER-DAEMON@", StringComparison.OrdinalIgnoreCase);
                break;
            case "SUBJECT":
                _isAboutFolder |= Text(value).StartsWith("DON'T DELETE THIS MESSAGE -- FOLDER INTERNAL DATA", StringComparison.Ordinal);
                break;
            default:
                if (value.Length <= LongestMark) TakeMark(name, value);
                break;
        }
    }

    private void TakeMark(string name, ReadOnlySpan<byte> value)
    {
        switch (name)
        {
            case "STATUS":
                _flags |= Text(value).Aggregate(SystemFlags.None, static (all, c) => all | c switch { 'R' => SystemFlags.Seen, 'D' => SystemFlags.Deleted, _ => SystemFlags.None });
                break;
            case "X-STATUS":
                _flags |= Text(value).Aggregate(SystemFlags.None, static (all, c) => all | XStatus(c));
                break;
            case "X-KEYWORDS" or "X-MOZILLA-KEYS":
                _keywords.AddRange(Text(value).Split([' ', ','], StringSplitOptions.RemoveEmptyEntries));
                break;
            case "X-MOZILLA-STATUS":
                TakeMozilla(Number(value));
                break;
            case "X-MOZILLA-STATUS2":
                TakeMozillaMore(Number(value));
                break;
            case "X-GMAIL-LABELS":
                if (GmailLabels.Split(Rfc2047.DecodeText(Encoding.Latin1.GetBytes(Text(value)))) is { Count: > 0 } labels) Labels ??= labels;
                break;
        }
    }

    private static SystemFlags XStatus(char letter) => letter switch
    {
        'A' => SystemFlags.Answered,
        'F' => SystemFlags.Flagged,
        'D' => SystemFlags.Deleted,
        'T' => SystemFlags.Draft,
        _ => SystemFlags.None,
    };

    private void TakeMozilla(uint bits)
    {
        if ((bits & 0x0001) != 0) _flags |= SystemFlags.Seen;
        if ((bits & 0x0002) != 0) _flags |= SystemFlags.Answered;
        if ((bits & 0x0004) != 0) _flags |= SystemFlags.Flagged;
        if ((bits & 0x0008) != 0) _flags |= SystemFlags.Deleted;
        if ((bits & 0x1000) != 0) _keywords.Add("$Forwarded");
    }

    private void TakeMozillaMore(uint bits)
    {
        if ((bits & 0x0020_0000) != 0) _flags |= SystemFlags.Deleted;
        if ((bits & 0x0080_0000) != 0) _keywords.Add("$MDNSent");
        if (((bits >> 25) & 0x7) is > 0 and <= 5 and var label) _keywords.Add(string.Create(CultureInfo.InvariantCulture, $"$label{label}"));
    }

    private static uint Number(ReadOnlySpan<byte> value) =>
        uint.TryParse(Text(value), NumberStyles.HexNumber, CultureInfo.InvariantCulture, out var number) ? number : 0;

    private static DateTimeOffset? DateOf(ReadOnlySpan<byte> value) =>
        value.Length <= LongestDate && DateUtils.TryParse(value.Trim(" \t\r\n"u8).ToArray(), out var date) && IsPlausible(date) ? date : null;

    /// <summary>The unfolded value (RFC 5322 §2.2.3).</summary>
    private static string Text(ReadOnlySpan<byte> value) =>
        Encoding.Latin1.GetString(value).Replace("\r", "", StringComparison.Ordinal).Replace("\n", "", StringComparison.Ordinal);
}
