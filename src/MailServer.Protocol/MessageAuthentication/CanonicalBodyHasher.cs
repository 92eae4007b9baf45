using System.Buffers;
using System.Security.Cryptography;

namespace MailServer.Protocol.MessageAuthentication;

/// <summary>
/// Computes the SHA-256 of a body in a canonical form (RFC 6376 §3.4) in one pass. Only the first <paramref name="limit"/> octets of that form are
/// hashed (l=).
/// </summary>
internal abstract class CanonicalBodyHasher(long limit) : IDisposable
{
    /// <summary>The number of octets read at once.</summary>
    public const int BlockSize = 32 * 1024;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
    private int _used;

    /// <summary>The length of the whole canonical form, hashed or not.</summary>
    public long Length { get; private set; }

    public abstract void Append(ReadOnlySpan<byte> body);

    public byte[] Finish()
    {
        End();
        _hash.AppendData(_buffer, 0, _used);
        _used = 0;
        return _hash.GetHashAndReset();
    }

    public void Dispose()
    {
        _hash.Dispose();
        ArrayPool<byte>.Shared.Return(_buffer);
    }

    protected abstract void End();

    protected void Put(ReadOnlySpan<byte> octets)
    {
        var room = limit - Length;
        Length += octets.Length;
        if (room <= 0) return;
        if (octets.Length > room) octets = octets[..(int)room];
        if (octets.Length > BlockSize - _used)
        {
            _hash.AppendData(_buffer, 0, _used);
            _used = 0;
            if (octets.Length > BlockSize)
            {
                _hash.AppendData(octets);
                return;
            }
        }

        octets.CopyTo(_buffer.AsSpan(_used));
        _used += octets.Length;
    }
}
