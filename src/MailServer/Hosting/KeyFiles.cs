using System.Security.Cryptography;
using MailServer.Common;
using MailServer.Storage.Health;
using MailServer.Storage.SafeFiles;

namespace MailServer.Hosting;

/// <summary>
/// Keys that the server creates for itself in the data directory. None of them is needed for mail, so no state of a file prevents the start: a damaged
/// file is set aside and replaced; while a file cannot be read or written, a temporary key is used. Both are reported.
/// </summary>
internal sealed class KeyFiles(string directory, StoreProblems stores, TimeProvider time)
{
    private const int KeyLength = 32;

    /// <summary>Opens the key that signs the envelope senders of forwarded mail.</summary>
    public byte[] OpenSrsKey() => OpenBinary("srs.key", "bounces of mail that was forwarded before cannot be returned");

    /// <summary>Opens the secret from which SCRAM answers for unknown logins are derived.</summary>
    public byte[] OpenSignInKey() => OpenBinary("sign-in.key", "SCRAM salts of unknown logins differ from the previous ones");

    /// <summary>Opens the key that identifies this server to push services (VAPID, RFC 8292).</summary>
    public ECDsa OpenPushKey() => Open(
        "push.key",
        static () =>
        {
            using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
            return key.ExportPkcs8PrivateKeyPem() + "\n";
        },
        static text =>
        {
            var key = ECDsa.Create();
            key.ImportFromPem(text);
            return key.KeySize == 256 ? key : throw new FormatException("the key has another size");
        },
        "clients with push must subscribe again");

    private byte[] OpenBinary(string name, string consequence) => Open(
        name,
        static () => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(KeyLength)) + "\n",
        static text => Convert.FromHexString(text.Trim()) is { Length: >= KeyLength } key ? key : throw new FormatException("the key is too short"),
        consequence);

    private T Open<T>(string name, Func<string> create, Func<string, T> parse, string consequence)
    {
        var file = Path.Combine(directory, name);
        try
        {
            return Read(file, name, create, parse, consequence);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            stores.Report(
                name, $"{file} cannot be used ({e.Message}): a temporary key is used until the next restart, and {consequence}",
                "make it readable for the server, or remove it so that a new one is created, then restart");
            return parse(create());
        }
    }

    private T Read<T>(string file, string name, Func<string> create, Func<string, T> parse, string consequence)
    {
        if (FileStat.Find(file) is null) SecretFile.PublishOnce(file, create());
        try
        {
            var key = parse(NamedFile.ReadText(file));
            stores.FindSetAside(name, file);
            return key;
        }
        catch (Exception e) when (e is FormatException or ArgumentException or CryptographicException)
        {
            var aside = DamagedFile.SetAside(file, time);
            SecretFile.PublishOnce(file, create());
            stores.Replaced(name, "it does not contain a key", aside, consequence);
            return parse(NamedFile.ReadText(file));
        }
    }
}
