using System.Globalization;
using System.Text;
using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.Maildir;

/// <summary>
/// Encodes a level of a folder name as a directory name, and back. Characters and names with a special meaning for the file system, Maildir
/// or this server are written as <c>%XX</c> (octets of UTF-8); everything else is unchanged, so that the directories stay readable.
/// </summary>
internal static class FolderPathEncoding
{
    private const int MaxOctets = 255;

    // FolderPathEncodingTests compares these lists with the names of all files that the server keeps in the folder of an account.
    private static readonly string[] Reserved = ["cur", "new", "tmp", "folder.state", "mailbox.state", "subscriptions", "dav.exists", "dav.pending"];

    private static readonly string[] ReservedPrefixes = ["index.db", "search.db", "dav.db", "dav.exists.", "dav.pending.", "folder.state.", "mailbox.state.", "subscriptions."];

    /// <summary>Returns the relative path of a folder; null if a level is too long for a directory name.</summary>
    public static string? PathOf(FolderName name)
    {
        var levels = name.Levels.Select(Escape).ToArray();
        return levels.Any(l => Encoding.UTF8.GetByteCount(l) > MaxOctets) ? null : Path.Combine(levels);
    }

    public static string Escape(string level)
    {
        var text = new StringBuilder(level.Length);
        for (var i = 0; i < level.Length; i++)
        {
            var c = level[i];
            var isEdge = i == 0 || i == level.Length - 1;
            var escaped = c is '%' or '/' or '\\' || char.IsControl(c) || (isEdge && (c is '.' or ' ')) || (i == 0 && IsReserved(level));
            if (!escaped) text.Append(c);
            else AppendEscape(text, c);
        }

        return text.ToString();
    }

    /// <summary>Decodes a directory name; null if it is not a valid encoding and therefore not a folder of this server.</summary>
    public static string? Unescape(string directory)
    {
        var octets = new List<byte>(directory.Length);
        Span<byte> buffer = stackalloc byte[4];
        for (var i = 0; i < directory.Length;)
        {
            if (directory[i] == '%')
            {
                if (i + 3 > directory.Length) return null;
                if (!byte.TryParse(directory.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet)) return null;
                octets.Add(octet);
                i += 3;
                continue;
            }

            if (!Rune.TryGetRuneAt(directory, i, out var rune)) return null;
            octets.AddRange(buffer[..rune.EncodeToUtf8(buffer)]);
            i += rune.Utf16SequenceLength;
        }

        var level = Encoding.UTF8.GetString([.. octets]);
        return Escape(level) == directory ? level : null;
    }

    private static bool IsReserved(string level) =>
        Reserved.Contains(level, StringComparer.Ordinal) || ReservedPrefixes.Any(p => level.StartsWith(p, StringComparison.Ordinal));

    private static void AppendEscape(StringBuilder text, char c)
    {
        Span<byte> octets = stackalloc byte[4];
        foreach (var octet in octets[..Encoding.UTF8.GetBytes([c], octets)]) text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
    }
}
