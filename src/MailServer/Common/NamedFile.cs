using System.Globalization;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Common;

/// <summary>
/// Reads files that the configuration or a command names: keys, passwords, messages. Links are followed. Anything but a regular file is refused
/// without blocking, and so is a file that is too large to be what was meant.
/// </summary>
internal static class NamedFile
{
    /// <summary>The maximum size of a text file, in octets: forty times the example configuration.</summary>
    public const int MaxTextSize = 1024 * 1024;

    /// <summary>Reads a UTF-8 text of at most <see cref="MaxTextSize"/> octets.</summary>
    /// <exception cref="IOException">It is missing, not a regular file, or too large.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static string ReadText(string path)
    {
        using var reader = new StreamReader(new MemoryStream(ReadAll(path, MaxTextSize)), Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Reads the first line of a text file; null if the file is empty. Errors are those of <see cref="ReadText"/>.</summary>
    public static string? ReadFirstLine(string path)
    {
        using var lines = new StringReader(ReadText(path));
        return lines.ReadLine();
    }

    /// <summary>Reads the last octets of a file, which may grow meanwhile, and tells whether there are others before them. Errors are those of <see cref="ReadText"/>.</summary>
    public static (byte[] Content, bool IsPart) ReadEnd(string path, int limit)
    {
        using var handle = SafeFileReader.OpenNamed(path);
        var length = RandomAccess.GetLength(handle);
        var content = new byte[Math.Min(length, limit)];
        var read = 0;
        while (read < content.Length && RandomAccess.Read(handle, content.AsSpan(read), length - content.Length + read) is > 0 and var more) read += more;
        return (content[..read], length > limit);
    }

    /// <summary>Reads a file of at most <paramref name="limit"/> octets. Errors are those of <see cref="ReadText"/>.</summary>
    public static byte[] ReadAll(string path, long limit)
    {
        using var handle = SafeFileReader.OpenNamed(path);
        if (RandomAccess.GetLength(handle) is var length && length > limit)
            throw new IOException(string.Create(CultureInfo.InvariantCulture, $"{path} has {Quantity.Of(length, "octet")}; at most {limit} are allowed"));
        return SafeFileReader.ReadAll(handle);
    }
}
