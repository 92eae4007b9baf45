using System.Security.Cryptography;
using System.Text;
using MailServer.Storage.Maildir;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Scripts;

/// <summary>
/// Scripts whose names are too long for a file: 128 characters may have 512 octets, and a file name has 255. The file is named <c>~</c> and the hash of the name, and a second file
/// beside it, <c>~HASH.name</c>, has the name. It is written before the script, so a script without a name is one that somebody put there by hand.
/// </summary>
internal static class LongScriptNames
{
    private const string NameSuffix = ".name";
    private const char Mark = '~';
    private const int HashLength = 2 * SHA256.HashSizeInBytes;

    // Room for '.sieve' and for the suffix of a file that is being written.
    private const int MaxOctets = 255 - 24;

    /// <summary>Whether a name, escaped for the file system, needs a file of its own. So do names that look like such a file.</summary>
    public static bool IsLong(string escaped) => Encoding.UTF8.GetByteCount(escaped) > MaxOctets || IsHash(escaped);

    /// <summary>The name of the file without <c>.sieve</c>.</summary>
    public static string FileOf(string name) => Mark + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)));

    /// <summary>Whether the file of a script has its name in a second file.</summary>
    public static bool IsOne(string path) => IsHash(Path.GetFileNameWithoutExtension(path));

    public static bool IsNameFile(string path) => Path.GetExtension(path) == NameSuffix && IsOne(path);

    /// <summary>The name of a script; null if the second file is missing or has another name.</summary>
    public static string? NameOf(string path)
    {
        try
        {
            return SafeFileReader.ReadLines(NameFileOf(path)) is [var name, ..] && FileOf(name) == Path.GetFileNameWithoutExtension(path) ? name : null;
        }
        catch (Exception e) when (e is FileNotFoundException or UnauthorizedAccessException or NotRegularFileException)
        {
            return null;
        }
    }

    /// <summary>Writes the second file, if the script needs one.</summary>
    public static void Store(string path, string name, bool sync)
    {
        if (IsOne(path)) StateFile.Replace(NameFileOf(path), [name], sync);
    }

    /// <summary>Removes the second file, if there is one.</summary>
    public static void Remove(string path)
    {
        if (IsOne(path)) Posix.TryUnlink(NameFileOf(path));
    }

    private static bool IsHash(string file) => file.Length == 1 + HashLength && file[0] == Mark && file.Skip(1).All(char.IsAsciiHexDigitLower);

    private static string NameFileOf(string path) => Path.ChangeExtension(path, NameSuffix);
}
