using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Maildir;

/// <summary>Converts files with bare LF from other tools: messages are stored with CRLF, exactly as they are fetched.</summary>
internal static class CrlfConverter
{
    private const int Block = 64 * 1024;

    /// <summary>True if a line ends with a bare LF.</summary>
    public static bool HasBareLineFeed(string path)
    {
        using var handle = SafeFileReader.Open(path);
        var buffer = new byte[Block];
        long offset = 0;
        byte previous = 0;
        while (RandomAccess.Read(handle, buffer, offset) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                if (buffer[i] == (byte)'\n' && previous != (byte)'\r') return true;
                previous = buffer[i];
            }

            offset += count;
        }

        return false;
    }

    /// <summary>Writes a durable copy with CRLF and the modification time of the source.</summary>
    public static void Convert(string source, string target)
    {
        using var input = SafeFileReader.Open(source);
        using var output = PrivateFile.Replace(target);
        Copy(input, output);
        File.SetLastWriteTimeUtc(output, File.GetLastWriteTimeUtc(input));
        RandomAccess.FlushToDisk(output);
    }

    private static void Copy(SafeFileHandle input, SafeFileHandle output)
    {
        var buffer = new byte[Block];
        var converted = new byte[Block * 2];
        long read = 0, written = 0;
        byte previous = 0;
        while (RandomAccess.Read(input, buffer, read) is > 0 and var count)
        {
            var length = 0;
            foreach (var octet in buffer.AsSpan(0, count))
            {
                if (octet == (byte)'\n' && previous != (byte)'\r') converted[length++] = (byte)'\r';
                converted[length++] = previous = octet;
            }

            RandomAccess.Write(output, converted.AsSpan(0, length), written);
            read += count;
            written += length;
        }
    }
}
