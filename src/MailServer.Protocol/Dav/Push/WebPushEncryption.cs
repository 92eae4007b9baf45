using System.Buffers.Binary;
using System.Security.Cryptography;

namespace MailServer.Protocol.Dav.Push;

/// <summary>
/// Encrypts a message for one subscription (RFC 8291) as a single aes128gcm record (RFC 8188). The push service only sees the length.
/// </summary>
public static class WebPushEncryption
{
    /// <summary>The length in octets of an uncompressed P-256 point.</summary>
    public const int PublicKeyLength = 65;

    public const int AuthSecretLength = 16;

    private const int SaltLength = 16;
    private const int TagLength = 16;
    private const int RecordSize = 4096;

    /// <param name="message">The plaintext: a few hundred octets; RFC 8291 §4 allows 3993.</param>
    /// <param name="clientKey">The public key of the subscription.</param>
    /// <param name="authSecret">The authentication secret of the subscription.</param>
    public static byte[] Encrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> clientKey, ReadOnlySpan<byte> authSecret)
    {
        using var own = ECDiffieHellman.Create(ECCurve.NamedCurves.nistP256);
        Span<byte> salt = stackalloc byte[SaltLength];
        RandomNumberGenerator.Fill(salt);
        return Encrypt(message, clientKey, authSecret, own, salt);
    }

    /// <summary>Encrypts with the given key and salt, for tests.</summary>
    internal static byte[] Encrypt(ReadOnlySpan<byte> message, ReadOnlySpan<byte> clientKey, ReadOnlySpan<byte> authSecret, ECDiffieHellman own, ReadOnlySpan<byte> salt)
    {
        var ownKey = EncodePoint(own.ExportParameters(includePrivateParameters: false).Q);
        using var client = ECDiffieHellman.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, Q = DecodePoint(clientKey) });
        var shared = own.DeriveRawSecretAgreement(client.PublicKey);
        // RFC 8291 §3.4
        var input = HKDF.DeriveKey(HashAlgorithmName.SHA256, shared, 32, authSecret.ToArray(), [.. "WebPush: info\0"u8, .. clientKey, .. ownKey]);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 16, salt.ToArray(), "Content-Encoding: aes128gcm\0"u8.ToArray());
        var nonce = HKDF.DeriveKey(HashAlgorithmName.SHA256, input, 12, salt.ToArray(), "Content-Encoding: nonce\0"u8.ToArray());

        // RFC 8188 §2.1: salt, record size, key id, then the record. The delimiter octet 2 marks the last record.
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

    /// <summary>False if the key is not a point on the curve.</summary>
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
