using System.Diagnostics;

namespace MailServer.Actors.Tests.Queue;

/// <summary>Kinds of damage to a database file.</summary>
public enum JournalDamage
{
    Gone,
    Empty,
    Head,
    Middle,
    Half,
    OlderCopy,
    ReadOnly,
    DirectoryInItsPlace,
}

/// <summary>Damages a file, and undoes what would prevent its deletion.</summary>
internal static class JournalDamager
{
    private const int Header = 100;
    private const int Pages = 8;
    private const int PageSize = 4096;

    /// <param name="damage">The kind of damage.</param>
    /// <param name="path">The file; its write-ahead log stays where it is.</param>
    /// <param name="older">An earlier copy of it.</param>
    public static void Apply(JournalDamage damage, string path, string older)
    {
        switch (damage)
        {
            case JournalDamage.Gone:
                File.Move(path, path + ".away");
                break;
            case JournalDamage.Empty:
                Truncate(path, 0);
                break;
            case JournalDamage.Head:
                Overwrite(path, 0, Header);
                break;
            case JournalDamage.Middle:
                // Every page but the first few: the next read or write meets a damaged one.
                Overwrite(path, Pages * PageSize / 2, (int)Math.Max(PageSize, new FileInfo(path).Length - (Pages * PageSize)));
                break;
            case JournalDamage.Half:
                Truncate(path, new FileInfo(path).Length / 2);
                break;
            case JournalDamage.OlderCopy:
                File.Delete(path + "-wal");
                File.Delete(path + "-shm");
                File.Copy(older, path + ".new");
                File.Move(path + ".new", path, overwrite: true);
                break;
            case JournalDamage.ReadOnly:
                if (!TryMakeImmutable(path, "+i")) File.SetUnixFileMode(path, UnixFileMode.UserRead);
                break;
            case JournalDamage.DirectoryInItsPlace:
                File.Move(path, path + ".away");
                Directory.CreateDirectory(path);
                break;
        }
    }

    public static void Undo(JournalDamage damage, string path)
    {
        if (damage == JournalDamage.ReadOnly && !TryMakeImmutable(path, "-i")) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private static void Truncate(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }

    private static void Overwrite(string path, long offset, int count)
    {
        var garbage = new byte[count];
        new Random(1).NextBytes(garbage);
        using var file = File.OpenWrite(path);
        file.Position = offset;
        file.Write(garbage);
    }

    /// <summary>Root may write read-only files, but nobody may write immutable ones.</summary>
    private static bool TryMakeImmutable(string path, string change)
    {
        if (Environment.UserName != "root") return false;
        using var process = Process.Start(new ProcessStartInfo("chattr", [change, path]) { RedirectStandardError = true, UseShellExecute = false });
        process!.WaitForExit();
        return process.ExitCode == 0;
    }
}
