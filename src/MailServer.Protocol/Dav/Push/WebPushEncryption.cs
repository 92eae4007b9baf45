using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MailServer.Protocol.Dav.Push;

/// <summary>
/// Encrypts a message for one subscription (RFC 8291), as one record of aes128gcm (RFC 8188): the push service sees its length and nothing else.
/// </summary>
public static class WebPushEncryption
{
    /// <summary>An uncompressed point on P-256.</summary>
    public const int PublicKeyLength = 65;

    public const int AuthSecretLength = 16;

    private const int SaltLength = 16;
    private const int TagLength = 16;
    private const int RecordSize = 4096;

    /// <param name="message">At most a few hundred octets here; RFC 8291 §4 allows 3993.</param>
    /// <param name="clientKey">The subscription's public key.</param>
    /// <param name="authSecret">The subscription's secret.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> clientKey, ReadOnlySpan<byte> authSecret)
    {
        using var own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Span<byte> salt = stackalloc byte[SaltLength];
        RandomNumberGenerator.Fill(salt);
        return Encrypt(message, clientKey, authSecret, own, salt);
    }

    /// <summary>The same with a key and salt that a test knows.</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> clientKey, ReadOnlySpan<byte> authSecret, ECDiffieHellman own, ReadOnlySpan<byte> salt)
    {
        var ownKey = EncodePoint(own.ExportParameters(includePrivateParameters: false).Q);
        using var client = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = DecodePoint(clientKey) });
        var shared = own.DeriveRawSecretAgreement(client.PublicKey);
        // RFC 8291 §3.4
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, authSecret.ToArray(), [.. "WebPush: info\0"u8, .. clientKey, .. ownKey]);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt.ToArray(), "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt.ToArray(), "Content-Encoding: nonce\0"u8.ToArray());

        // RFC 8188 §2.1: salt, record size, key id; then the record, whose last octet 2 says that it is the last.
        var header = SaltLength + 4 + 1 + PublicKeyLength;
        var output = new byte[header + message.Length + 1 + TagLength];
        salt.CopyTo(output);
        BinaryPrimitives.WriteUInt32BigEndian(output.AsSpan(SaltLength), RecordSize);
        output[SaltLength + 4] = PublicKeyLength;
        ownKey.CopyTo(output, SaltLength + 5);
        using var cipher = new AesGcm(key, TagLength);
        cipher.Encrypt(nonce, [.. message, 2], output.AsSpan(header, message.Length + 1), output.AsSpan(header + message.Length + 1));
        return output;
    }

    /// <summary>False for what is no point on the curve.</summary>
    public static bool IsPublicKey(ReadOnlySpan<byte> key)
    {
        if (key.Length != PublicKeyLength || key[0] != 4) return false;
        try
        {
            using var parsed = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = DecodePoint(key) });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    public static byte[] EncodePoint(ECPoint point) => [4, .. point.X!, .. point.Y!];

    private static ECPoint DecodePoint(ReadOnlySpan<byte> key) => new() { X = key[1..33].ToArray(), Y = key[33..].ToArray() };
}
