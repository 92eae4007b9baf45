using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>
/// The annotations of a folder, or of the account, in the file <c>.annotations</c> of its directory: with the folder they are renamed, removed and copied. The name
/// begins with a dot because a user may have a folder named <c>annotations</c>.
/// </summary>
internal static class AnnotationFile
{
    public const string FileName = ".annotations";
    private const string Version = "mailserver-annotations 1";

    /// <summary>Reads the entries; none if the file is missing or damaged.</summary>
    /// <exception cref="IOException">The file cannot be read, or something else is in its place.</exception>
    public static SortedDictionary<string, byte[]> Load(string directory)
    {
        var entries = new SortedDictionary<string, byte[]>(StringComparer.OrdinalIgnoreCase);
        if (StateFile.ReadLines(PathOf(directory)) is not { } found || StateFile.Verify(found) is not [Version, .. var lines]) return entries;
        foreach (var line in lines)
        {
            var space = line.IndexOf(' ', StringComparison.Ordinal);
            if (space >= 0 && TryDecode(line[..space]) is { } value) entries[line[(space + 1)..]] = value;
        }

        return entries;
    }

    /// <summary>Replaces all entries, durably if <paramref name="sync"/>. A damaged file is set aside.</summary>
    public static void Save(string directory, SortedDictionary<string, byte[]> entries, bool sync)
    {
        if (IsDamaged(directory)) FileQuarantine.Move(PathOf(directory), "damaged", TimeProvider.System.GetUtcNow());
        if (entries.Count > 0)
        {
            StateFile.ReplaceChecked(PathOf(directory), Version, [.. entries.Select(static e => $"{Convert.ToBase64String(e.Value)} {e.Key}")], sync);
            return;
        }

        Remove(directory);
        if (sync) Posix.SyncDirectory(directory);
    }

    public static void Remove(string directory) => Posix.TryUnlink(PathOf(directory));

    /// <summary>Whether the file is not as the server has written it.</summary>
    public static bool IsDamaged(string directory) => StateFile.ReadLines(PathOf(directory)) is { } found && StateFile.Verify(found) is not [Version, ..];

    /// <summary>The size of the file in octets.</summary>
    public static long Size(string directory) => FileStat.Find(PathOf(directory))?.Size ?? 0;

    private static string PathOf(string directory) => Path.Combine(directory, FileName);

    private static byte[]? TryDecode(string text)
    {
        try
        {
            return Convert.FromBase64String(text);
        }
        catch (FormatException)
        {
            return null;
        }
    }
}
