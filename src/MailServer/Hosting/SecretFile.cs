using MailServer.Storage.SafeFiles;

namespace MailServer.Hosting;

/// <summary>Writes files that only the server's own user can read.</summary>
internal static class SecretFile
{
    /// <summary>Writes a temporary file and renames it, so that an interrupted write never leaves an incomplete secret.</summary>
    public static void Write(string file, string text)
    {
        var partial = WriteBeside(file, text + Environment.NewLine);
        File.Move(partial, file, overwrite: true);
    }

    /// <summary>Creates a file unless it exists. If several processes do this at once, one succeeds: File.Move without overwriting checks and then renames, so two could.</summary>
    public static void PublishOnce(string file, string text) => PrivateFile.PublishOnce(WriteBeside(file, text), file);

    private static string WriteBeside(string file, string text)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        var partial = $"{file}.{Guid.NewGuid():N}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(partial, options);
        using (var writer = new StreamWriter(stream, leaveOpen: true)) writer.Write(text);
        // The content must be durable before the rename, or a power cut could leave an empty key.
        stream.Flush(flushToDisk: true);
        return partial;
    }
}
