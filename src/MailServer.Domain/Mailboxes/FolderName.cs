using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace MailServer.Domain.Mailboxes;

/// <summary>
/// The full name of a folder in Unicode, levels parted by <c>/</c>: <c>INBOX</c>, <c>Archive/2026</c>. INBOX is compared without case
/// (RFC 9051 §5.1), everything else exactly. Wire forms (modified UTF-7) and directory names are made elsewhere.
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

    /// <summary>The folder above, or null at the top.</summary>
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

    /// <summary>This name with its leading <paramref name="from"/> replaced: what a child becomes when its ancestor is renamed.</summary>
    public FolderName Moved(FolderName from, FolderName to) => new(to.Value + Value[from.Value.Length..]);

    /// <summary>
    /// Accepts 1–1,000 octets of UTF-8 in at most 32 levels; a level is not empty, not <c>.</c> or <c>..</c>, and holds no control characters.
    /// One trailing separator is dropped (RFC 9051 §6.3.4). INBOX in any case becomes <c>INBOX</c>, as the first level too.
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

    // The default value is INBOX too.
    public bool Equals(FolderName other) => Value == other.Value;

    public override int GetHashCode() => StringComparer.Ordinal.GetHashCode(Value);

    public override string ToString() => Value;
}
