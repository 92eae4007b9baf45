using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Health;

/// <summary>
/// Space that is kept for deleting: a file in the data directory that is removed when the disk is full. Databases then open and users can sign in and
/// delete mail, while new mail is refused until there is space again.
/// </summary>
public sealed class DiskReserve
{
    private const string FileName = "reserve";
    private const string Subject = "disk";
    private const long Megabyte = 1024 * 1024;
    private const long MostReserved = 16 * Megabyte;
    private const int ShareReserved = 16;

    private readonly string _directory;
    private readonly string _path;
    private readonly StoreProblems _problems;
    private volatile bool _isFull;

    private DiskReserve(string directory, StoreProblems problems) => (_directory, _path, _problems) = (directory, Path.Combine(directory, FileName), problems);

    /// <summary>The disk is full: nothing new is taken.</summary>
    public bool IsFull => _isFull;

    /// <summary>Looks at the disk of a data directory, before anything in it is opened.</summary>
    public static DiskReserve Open(string directory, StoreProblems problems)
    {
        var reserve = new DiskReserve(directory, problems);
        reserve.Look();
        return reserve;
    }

    /// <summary>Releases the reserve when the disk is full, and takes it again when there is space; to be called every few seconds.</summary>
    public void Look()
    {
        try
        {
            if (System.IO.Directory.Exists(_directory)) Weigh(new DriveInfo(Path.GetFullPath(_directory)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // A file system that does not tell its size has no reserve.
        }
    }

    private void Weigh(DriveInfo drive)
    {
        var size = Math.Min(MostReserved, drive.TotalSize / ShareReserved);
        var free = drive.AvailableFreeSpace;
        // Without its file it was released: by this run, or by one before, and what is free now is what was kept.
        if (_isFull || !File.Exists(_path) ? free < 2 * size : free < size / 2)
        {
            Posix.TryUnlink(_path);
            _isFull = true;
            _problems.Report(
                Subject,
                string.Create(CultureInfo.InvariantCulture, $"the file system of {_directory} is full: new mail is refused for now; users can read and delete"),
                "free space or enlarge the file system",
                stopsService: true);
            return;
        }

        if (_isFull) _problems.Clear(Subject);
        _isFull = false;
        if (!File.Exists(_path) && free > 3 * size) Take(size);
    }

    private void Take(long size)
    {
        try
        {
            using var file = OwnFile.Create(_path);
            // Written, not only allocated: a copy of the directory has it too then.
            var block = new byte[Megabyte];
            for (var at = 0L; at < size; at += block.Length) RandomAccess.Write(file, block.AsSpan(0, (int)Math.Min(block.Length, size - at)), at);
        }
        catch (IOException)
        {
            Posix.TryUnlink(_path);
            throw;
        }
    }
}
