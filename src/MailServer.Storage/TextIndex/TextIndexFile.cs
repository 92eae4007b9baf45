using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.TextIndex;

/// <summary>The file of the text index in the folder of an account, for those who do not use its content.</summary>
public static class TextIndexFile
{
    private static readonly string[] Suffixes = ["", "-wal", "-shm"];

    /// <summary>The octets that the index occupies; 0 if there is none.</summary>
    public static long SizeIn(string directory) => Suffixes.Sum(suffix => FileStat.Find(PathIn(directory) + suffix)?.Size ?? 0);

    /// <summary>Removes an index that is not open.</summary>
    public static void RemoveFrom(string directory)
    {
        foreach (var suffix in Suffixes) Posix.TryUnlink(PathIn(directory) + suffix);
    }

    internal static string PathIn(string directory) => Path.Combine(directory, DatabaseKind.Search.Name);
}
