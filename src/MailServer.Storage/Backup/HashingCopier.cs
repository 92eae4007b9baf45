using System.Security.Cryptography;
using MailServer.Domain.Formatting;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Backup;

/// <summary>Copies and hashes a file in one pass.</summary>
internal sealed class HashingCopier : IDisposable
{
    private const int Block = 128 * 1024;

    private readonly byte[] _block = new byte[Block];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Copies the content that the file has at the start, and its modification time, which is the internal date of a message.</summary>
    /// <param name="input">The file to read.</param>
    /// <param name="output">An empty file to write; null to calculate only the hash.</param>
    /// <exception cref="InvalidDataException">The input cannot be read.</exception>
    public (string Hash, long Size) Run(SafeFileHandle input, SafeFileHandle? output)
    {
        // The size is fixed at the start, because a growing file would never end.
        var end = RandomAccess.GetLength(input);
        long offset = 0;
        while (offset < end && Read(input, offset, end) is > 0 and var read)
        {
            _hash.AppendData(_block, 0, read);
            if (output is not null) RandomAccess.Write(output, _block.AsSpan(0, read), offset);
            offset += read;
        }

        if (output is not null) File.SetLastWriteTimeUtc(output, File.GetLastWriteTimeUtc(input));
        return (Convert.ToHexStringLower(_hash.GetHashAndReset()), offset);
    }

    /// <summary>Compares a file of a backup with the manifest; returns null if it matches.</summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="entry">The manifest entry.</param>
    /// <param name="output">Creates a file that receives a copy; null to compare only.</param>
    public string? FindDamage(string backup, BackupEntry entry, Func<SafeFileHandle>? output = null)
    {
        SafeFileHandle input;
        try
        {
            input = SafeFileReader.OpenBeneath(backup, entry.Path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "is missing";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        using (input)
        {
            if (RandomAccess.GetLength(input) is var size && size != entry.Size) return $"has {Quantity.Of(size, "octet")} instead of {entry.Size}";
            using var target = output?.Invoke();
            try
            {
                return Run(input, target).Hash == entry.Hash ? null : "its content has changed";
            }
            catch (InvalidDataException e)
            {
                return e.Message;
            }
        }
    }

    public void Dispose() => _hash.Dispose();

    private int Read(SafeFileHandle input, long offset, long end)
    {
        try
        {
            return RandomAccess.Read(input, _block.AsSpan(0, (int)Math.Min(Block, end - offset)), offset);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            _hash.GetHashAndReset();
            throw new InvalidDataException($"cannot be read: {e.Message}", e);
        }
    }
}
