using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Health;

/// <summary>
/// A reserve file in the data directory that is deleted when the disk is full. Databases can then be
/// opened, and users can sign in and delete mail, while new mail is refused until there is space again.
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

    /// <summary>True if the disk is full; new mail is then refused.</summary>
    public bool IsFull => _isFull;

    /// <summary>Checks the disk of a data directory; must be called before anything in it is opened.</summary>
    public static DiskReserve Open(string directory, StoreProblems problems)
    {
        var reserve = new DiskReserve(directory, problems);
        reserve.Update();
        return reserve;
    }

    /// <summary>Releases the reserve when the disk is full, and recreates it when there is space. Must be called every few seconds.</summary>
    public void Update()
    {
        try
        {
            if (System.IO.Directory.Exists(_directory)) Weigh(new DriveInfo(Path.GetFullPath(_directory)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // There is no reserve on a file system that does not report its size.
        }
    }

    private void Weigh(DriveInfo drive)
    {
        var size = Math.Min(MostReserved, drive.TotalSize / ShareReserved);
        var free = drive.AvailableFreeSpace;
        // If the file is missing, this run or an earlier one has released it, and the free space may be the released reserve.
        if (_isFull || !File.Exists(_path) ? free < 2 * size : free < size / 2)
        {
            Posix.TryUnlink(_path);
            _isFull = true;
            _problems.Report(
                Subject,
                string.Create(CultureInfo.InvariantCulture, $"the file system of {_directory} is full: new mail is temporarily refused; users can read and delete mail"),
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
            using var file = PrivateFile.Create(_path);
            // Written rather than only allocated, so that a copy of the directory contains it too.
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
