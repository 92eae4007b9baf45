using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MailServer.Domain.Mailboxes;

/// <summary>
/// The full Unicode name of a folder, with levels separated by <c>/</c>: <c>INBOX</c>, <c>Archive/2026</c>. INBOX is case-insensitive
/// (RFC 9051 §5.1), all other names are case-sensitive. The encodings for IMAP (modified UTF-7) and for directories are elsewhere.
/// </summary>
public readonly record struct FolderName
{
    public const char Separator = '/';

    private const int MaxLevels = 32;
    private readonly string? _value;

    private FolderName(string value) => _value = value;

    public static FolderName Inbox { get; } = new("INBOX");

    public string Value => _value ?? "INBOX";

    public bool IsInbox => Value == "INBOX";

    /// <summary>The levels of the name, outermost first.</summary>
    public IReadOnlyList<string> Levels => Value.Split(Separator);

    /// <summary>The parent folder; null at the top level.</summary>
    public FolderName? Parent
    {
        get
        {
            var slash = Value.LastIndexOf(Separator);
            return slash < 0 ? null : new FolderName(Value[..slash]);
        }
    }

    public bool IsBelow(FolderName ancestor) =>
        Value.Length > ancestor.Value.Length && Value[ancestor.Value.Length] == Separator && Value.StartsWith(ancestor.Value, StringComparison.Ordinal);

    /// <summary>Replaces the leading <paramref name="from"/> of the name: the new name of a child when its ancestor is renamed.</summary>
    public FolderName Rebase(FolderName from, FolderName to) => new(to.Value + Value[from.Value.Length..]);

    /// <summary>
    /// Parses a name of 1 to 1,000 octets of UTF-8 in at most 32 levels. A level must not be empty, <c>.</c> or <c>..</c>, and must not
    /// contain control characters. One trailing separator is removed (RFC 9051 §6.3.4). INBOX at the first level is converted to upper case.
    /// </summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out FolderName name)
    {
        name = default;
        if (text is null) return false;
        if (text.EndsWith(Separator)) text = text[..^1];
        if (text.Length == 0 || Encoding.UTF8.GetByteCount(text) > Limits.Default.FolderName) return false;
        var levels = text.Split(Separator);
        if (levels.Length > MaxLevels || !levels.All(IsLevel)) return false;
        if (levels[0].Equals("INBOX", StringComparison.OrdinalIgnoreCase)) levels[0] = "INBOX";
        name = new FolderName(string.Join(Separator, levels));
        return true;
    }

    public static FolderName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"'{text}' is not a folder name");

    private static bool IsLevel(string level) =>
        level.Length > 0 && level is not ("." or "..") && !level.Any(char.IsControl) && level.EnumerateRunes().All(r => r != Rune.ReplacementChar);

    // The default value of the struct is INBOX too.
    public bool Equals(FolderName other) => Value == other.Value;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    public override string ToString() => Value;
}
