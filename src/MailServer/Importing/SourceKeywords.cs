using System.Text;
using MailServer.Domain.Mailboxes;

namespace MailServer.Importing;

/// <summary>Converts tags and labels of other programs to IMAP keywords (RFC 9051 §9 <c>flag-keyword</c>: an atom).</summary>
internal static class SourceKeywords
{
    private const int MaxLength = 100;
    private const int MaxKeywords = 50;

    public static KeywordSet Of(IEnumerable<string> names) => KeywordSet.Of(names.Select(ToAtom).OfType<string>().Take(MaxKeywords));

    /// <summary>Returns null if the name has no valid characters or is a system flag.</summary>
    private static string? ToAtom(string name)
    {
        if (name.StartsWith('\\')) return null;
        var atom = new StringBuilder(name.Length);
        foreach (var c in name.Trim().Take(MaxLength)) atom.Append(c is > ' ' and < '\x7f' and not ('(' or ')' or '{' or '%' or '*' or '"' or '\\' or ']') ? c : '_');
        var text = atom.ToString();
        return text.Any(char.IsAsciiLetterOrDigit) ? text : null;
    }
}
