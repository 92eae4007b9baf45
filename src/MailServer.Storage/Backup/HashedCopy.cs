using System.Security.Cryptography;
using MailServer.Storage.SafeFiles;
using Microsoft.Win32.SafeHandles;

namespace MailServer.Storage.Backup;

/// <summary>Copies a file and hashes what was read, in one pass.</summary>
internal sealed class HashedCopy : IDisposable
{
    private const int Block = 128 * 1024;

    private readonly byte[] _block = new byte[Block];
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Copies the octets that the file has when this begins, and its time: dates of messages are the times of their files.</summary>
    /// <param name="input">What to read.</param>
    /// <param name="output">An empty file; null: only the hash is wanted.</param>
    /// <exception cref="InvalidDataException">The input cannot be read.</exception>
    public (string Hash, long Size) Run(SafeFileHandle input, SafeFileHandle? output)
    {
        // A file that grows meanwhile would otherwise have no end.
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

    /// <summary>What is wrong with a file of a backup; null when it is as the list says.</summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="entry">Its line of the list.</param>
    /// <param name="output">Makes the file that the octets are written to; null: they are only compared.</param>
    public string? FindDamage(string backup, BackupEntry entry, Func<SafeFileHandle>? output = null)
    {
        SafeFileHandle input;
        try
        {
            input = ForeignFile.OpenBeneath(backup, entry.Path);
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
            if (RandomAccess.GetLength(input) is var size && size != entry.Size) return $"has {size} octets instead of {entry.Size}";
            using var target = output?.Invoke();
            try
            {
                return Run(input, target).Hash == entry.Hash ? null : "its octets have changed";
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
