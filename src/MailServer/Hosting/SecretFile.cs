using System.Security.Cryptography;
using MailServer.Common;
using MailServer.Storage.SafeFiles;

namespace MailServer.Hosting;

/// <summary>Files that only the server's own user can read.</summary>
internal static class SecretFile
{
    /// <summary>Writes a temporary file and renames it, so that an interrupted write never leaves an incomplete secret.</summary>
    public static void Write(string file, string text)
    {
        var partial = WriteBeside(file, text);
        File.Move(partial, file, overwrite: true);
    }

    /// <summary>Reads the hexadecimal key in <paramref name="file"/>, or creates it if the file does not exist. Two nodes that start at once use the same key.</summary>
    /// <exception cref="InvalidDataException">The file does not contain a key of that length.</exception>
    public static byte[] ReadOrMakeKey(string file, int length)
    {
        if (!File.Exists(file)) Make(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(length)));
        try
        {
            if (Convert.FromHexString(NamedFile.ReadText(file).Trim()) is { } key && key.Length >= length) return key;
        }
        catch (FormatException)
        {
            // Reported below.
        }

        throw new InvalidDataException($"'{file}' does not contain a key; remove it, and a new one is created");
    }

    // File.Move without overwriting checks and then renames, so two processes could both succeed.
    private static void Make(string file, string text) => PrivateFile.PublishOnce(WriteBeside(file, text), file);

    private static string WriteBeside(string file, string text)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        var partial = $"{file}.{Guid.NewGuid():N}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(partial, options);
        using (var writer = new StreamWriter(stream, leaveOpen: true)) writer.WriteLine(text);
        // The content must be durable before the rename, or a power cut could leave an empty key.
        stream.Flush(flushToDisk: true);
        return partial;
    }
}
