using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Hosting;

/// <summary>
/// Writes the log to a file. When another program renames or removes the file, the next line goes to a new one. With a maximum size, the file is rotated
/// here: <c>FILE</c> to <c>FILE.1</c>, <c>FILE.1</c> to <c>FILE.2</c>, and so on.
/// </summary>
/// <param name="path">The file; symbolic links are followed.</param>
/// <param name="maxSize">The maximum size in octets; null: unlimited.</param>
/// <param name="keep">How many rotated files are kept.</param>
/// <param name="time">The clock.</param>
internal sealed class LogFile(string path, long? maxSize, int keep, TimeProvider time) : ILogDestination
{
    private static readonly TimeSpan RotateAgain = TimeSpan.FromMinutes(1);

    private readonly string _path = Path.GetFullPath(path);
    private AppendOnlyFile? _file;
    private string _target = "";
    private bool _isFollowed;
    private int _written;
    private long? _notRotatedAt;

    public string Name => _path;

    public string? Problem { get; private set; }

    public bool TryWrite(ReadOnlySpan<byte> line, [NotNullWhen(false)] out Exception? failure)
    {
        try
        {
            if (_file is null || (_isFollowed && !_file.IsAt(_target))) Open();
            if (_written == 0 && IsFull(line.Length)) Rotate();
            _written += _file!.Write(line[_written..], out var failed);
            failure = failed;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            failure = e;
        }

        if (failure is null) _written = 0;
        // A new handle may work (for example after a remount), but a partly written line is completed in the same file.
        else if (_written == 0) Reopen();
        return failure is null;
    }

    public void Reopen()
    {
        _file?.Dispose();
        (_file, _written) = (null, 0);
    }

    public void Dispose() => Reopen();

    private void Open()
    {
        // If the previous file has only the beginning of a line, the new file gets the whole line.
        Reopen();
        _target = FileStat.Find(_path) is { Kind: FileKind.SymbolicLink } ? File.ResolveLinkTarget(_path, returnFinalTarget: true)?.FullName ?? _path : _path;
        _file = AppendOnlyFile.Open(_path);
        // False for /dev/stdout and similar files, whose target has no name.
        _isFollowed = _file.IsAt(_target);
    }

    private bool IsFull(int more) =>
        maxSize is { } most && _isFollowed && _file!.Length is > 0 and var length && length + more > most
        && (_notRotatedAt is not { } at || time.GetElapsedTime(at) > RotateAgain);

    private void Rotate()
    {
        try
        {
            foreach (var old in Directory.GetFiles(Path.GetDirectoryName(_target)!, Path.GetFileName(_target) + ".*").Where(IsTooOld)) File.Delete(old);
            for (var n = keep - 1; n > 0; n--)
                if (File.Exists(Numbered(n))) File.Move(Numbered(n), Numbered(n + 1), overwrite: true);
            File.Move(_target, Numbered(1), overwrite: true);
            (Problem, _notRotatedAt) = (null, null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A log file that is too large is better than no log.
            (Problem, _notRotatedAt) = ($"the log file {_path} has reached logging.max_size and cannot be renamed: {e.Message}", time.GetTimestamp());
            return;
        }

        Open();
    }

    // The pattern "FILE.*" also matches FILE itself.
    private bool IsTooOld(string file) =>
        file.Length > _target.Length && int.TryParse(file.AsSpan(_target.Length + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= keep;

    private string Numbered(int number) => string.Create(CultureInfo.InvariantCulture, $"{_target}.{number}");
}
