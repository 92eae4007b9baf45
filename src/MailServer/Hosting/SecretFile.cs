using System.Security.Cryptography;
using MailServer.Storage.SafeFiles;

namespace MailServer.Hosting;

/// <summary>Files that only the server's own user may read.</summary>
internal static class SecretFile
{
    /// <summary>Written beside and renamed: an interrupted write never leaves half a secret.</summary>
    public static void Write(string file, string text)
    {
        var partial = WriteBeside(file, text);
        File.Move(partial, file, overwrite: true);
    }

    /// <summary>The key in <paramref name="file"/>, in hexadecimal digits. It is made when there is none; of two nodes that start at once, both use the same.</summary>
    /// <exception cref="InvalidDataException">The file does not hold a key of that length.</exception>
    public static byte[] ReadOrMakeKey(string file, int length)
    {
        if (!File.Exists(file)) Make(file, Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(length)));
        try
        {
            if (Convert.FromHexString(File.ReadAllText(file).Trim()) is { } key && key.Length >= length) return key;
        }
        catch (FormatException)
        {
            // Said below.
        }

        throw new InvalidDataException($"'{file}' holds no key; remove it, and a new one is made");
    }

    // File.Move without overwriting looks first and renames then: two processes would both win.
    private static void Make(string file, string text) => OwnFile.PublishOnce(WriteBeside(file, text), file);

    private static string WriteBeside(string file, string text)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(file)) is { } folder) Directory.CreateDirectory(folder);
        var partial = $"{file}.{Guid.NewGuid():N}.new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var stream = new FileStream(partial, options);
        using (var writer = new StreamWriter(stream, leaveOpen: true)) writer.WriteLine(text);
        // The name must not become durable before the content, or a power cut leaves an empty key.
        stream.Flush(flushToDisk: true);
        return partial;
    }
}
