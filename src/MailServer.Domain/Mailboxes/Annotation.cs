namespace MailServer.Domain.Mailboxes;

/// <summary>An annotation of a folder, or of the mailbox as a whole (RFC 5464 §3.1).</summary>
/// <param name="Name">The name of the entry; compared without regard to case.</param>
/// <param name="Value">The value; null for an entry that does not exist, or is to be removed.</param>
public sealed record Annotation(string Name, ReadOnlyMemory<byte>? Value);

/// <summary>The entries whose names have changed; <paramref name="Folder"/> is null for the mailbox as a whole.</summary>
public sealed record AnnotationsChanged(FolderName? Folder, IReadOnlyList<string> Names);

/// <summary>How far below a name entries are requested (RFC 5464 §4.2.2).</summary>
public enum AnnotationDepth
{
    /// <summary>Only the entry itself.</summary>
    Itself,

    /// <summary>Also those one level below.</summary>
    Children,

    /// <summary>Also all below.</summary>
    All,
}

/// <summary>The grammar of entry names (RFC 5464 §3.2).</summary>
public static class AnnotationName
{
    /// <summary>The prefix of the entries that only their user sees.</summary>
    public const string Private = "/private/";

    /// <summary>The prefix of the entries that all users of a folder see.</summary>
    public const string Shared = "/shared/";

    private const int MaxLength = 256;
    private const int VendorComponents = 4;

    /// <summary>Whether an entry can have this name.</summary>
    public static bool IsValid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (!HasScope(name) || !IsPath(name)) return false;
        var components = name[1..].Split('/');
        return components.Length >= VendorComponents || !components[1].Equals("vendor", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Whether entries can be requested by this name: an entry, or the levels above.</summary>
    public static bool IsSelector(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsPath(name) && HasScope(name + "/");
    }

    /// <summary>Whether an entry is among those requested by <paramref name="selector"/>.</summary>
    public static bool Matches(string name, string selector, AnnotationDepth depth)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(selector);
        if (!name.StartsWith(selector, StringComparison.OrdinalIgnoreCase)) return false;
        if (name.Length == selector.Length) return true;
        if (depth == AnnotationDepth.Itself || name[selector.Length] != '/') return false;
        return depth == AnnotationDepth.All || name.IndexOf('/', selector.Length + 1) < 0;
    }

    private static bool HasScope(string name) =>
        name.StartsWith(Private, StringComparison.OrdinalIgnoreCase) || name.StartsWith(Shared, StringComparison.OrdinalIgnoreCase);

    private static bool IsPath(string name) =>
        name.Length is > 1 and <= MaxLength && name[0] == '/' && name[^1] != '/' && !name.Contains("//", StringComparison.Ordinal)
        && name.All(static c => c is >= ' ' and <= '~' and not ('*' or '%'));
}
