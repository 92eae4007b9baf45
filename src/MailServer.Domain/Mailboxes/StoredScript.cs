using System.Text;

namespace MailServer.Domain.Mailboxes;

/// <summary>A Sieve script of an account.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Size">Its size in octets.</param>
/// <param name="IsActive">Whether it runs when mail arrives; at most one does.</param>
/// <param name="ChangedAt">When it was last stored.</param>
/// <param name="Version">The beginning of the SHA-256 hash of its text.</param>
public sealed record StoredScript(string Name, long Size, bool IsActive, DateTimeOffset ChangedAt, string Version)
{
    /// <summary>Maximum length of a name in UTF-8.</summary>
    public static int MaxNameOctets => Limits.Default.ScriptName;

    /// <summary>True if the text can be the name of a script (RFC 5804 §1.6): any characters but control characters and line separators. Case matters.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && Encoding.UTF8.GetByteCount(name) <= MaxNameOctets
        && name.EnumerateRunes().All(static r => r != Rune.ReplacementChar && !Rune.IsControl(r) && r.Value is not (0x2028 or 0x2029));
}
