using System.Globalization;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The name of a message's file in <c>cur/</c>: <c>&lt;base&gt;,S=&lt;size&gt;,U=&lt;uid&gt;:2,&lt;flags&gt;</c>. Names that other tools gave have no UID,
/// perhaps no size and no flags.
/// </summary>
/// <param name="Base">What stays the same for the life of the message, wherever it is copied.</param>
/// <param name="Uid">Null in a name that we did not give.</param>
/// <param name="Letters">After <c>:2,</c>.</param>
internal readonly record struct MessageFileName(string Base, uint? Uid, string Letters)
{
    private const string Info = ":2,";

    /// <summary>A base longer than this leaves no room for size, UID and flags in 255 octets.</summary>
    public const int MaxBase = 160;

    public static string Format(string baseName, long size, uint uid, string letters) =>
        string.Create(CultureInfo.InvariantCulture, $"{baseName},S={size},U={uid}{Info}{letters}");

    /// <summary>
    /// Names the content of a file, whatever folder it is in: base and size never change, so two files with one key hold the same octets. Null in a name
    /// that we did not give.
    /// </summary>
    public static string? KeyOf(string path)
    {
        var name = path.AsSpan(path.LastIndexOf('/') + 1);
        var end = name.IndexOf(",U=", StringComparison.Ordinal);
        return end > 0 ? name[..end].ToString() : null;
    }

    /// <summary>The octets that a file with this key must have; null when the key does not say.</summary>
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
