using System.Globalization;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The name of a message file in <c>cur/</c>: <c>&lt;base&gt;,S=&lt;size&gt;,U=&lt;uid&gt;:2,&lt;flags&gt;</c>.
/// Names given by other tools have no UID and possibly no size or flags.
/// </summary>
/// <param name="Base">The part that never changes and is the same for all copies of the message.</param>
/// <param name="Uid">The UID; null in a name that another tool gave.</param>
/// <param name="InfoFlags">The flag letters after <c>:2,</c>.</param>
internal readonly record struct MessageFileName(string Base, uint? Uid, string InfoFlags)
{
    private const string Info = ":2,";

    /// <summary>A longer base leaves no room for size, UID and flags within 255 octets.</summary>
    public const int MaxBase = 160;

    public static string Format(string baseName, long size, uint uid, string letters) =>
        string.Create(CultureInfo.InvariantCulture, $"{baseName},S={size},U={uid}{Info}{letters}");

    /// <summary>
    /// Returns the content key of a file, independent of its folder: base and size never change,
    /// so that files with the same key have the same octets. Null for names given by other tools.
    /// </summary>
    public static string? KeyOf(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        var end = name.IndexOf(",U=", StringComparison.Ordinal);
        return end > 0 ? name[..end].ToString() : null;
    }

    /// <summary>Returns the size that a file with this key must have; null if the key does not contain it.</summary>
    public static long? SizeIn(string key)
    {
        const string Size = ",S=";
        var start = key.LastIndexOf(Size, StringComparison.Ordinal);
        return start >= 0 && long.TryParse(key.AsSpan(start + Size.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null;
    }

    public static MessageFileName Parse(string name)
    {
        var info = name.LastIndexOf(Info, StringComparison.Ordinal);
        var stem = info < 0 ? name.AsSpan() : name.AsSpan(0, info);
        var letters = info < 0 ? "" : name[(info + Info.Length)..];
        var comma = stem.IndexOf(',');
        if (comma < 0) return new MessageFileName(stem.ToString(), null, letters);
        uint? uid = null;
        foreach (var range in stem[comma..].Split(','))
        {
            var attribute = stem[comma..][range];
            if (attribute.StartsWith("U=") && uint.TryParse(attribute[2..], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value > 0)
                uid = value;
        }

        return new MessageFileName(stem[..comma].ToString(), uid, letters);
    }
}
