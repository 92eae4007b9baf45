using System.Security.Cryptography;
using MailServer.Common;
using MailServer.Protocol.Dav.Push;

namespace MailServer.Hosting;

/// <summary>The VAPID key that identifies this server to push services, created at the first start. If it is lost, clients must subscribe again.</summary>
internal static class VapidKeyFile
{
    /// <exception cref="InvalidDataException">The file does not contain a key.</exception>
    public static VapidSigner Open(string directory, string hostname)
    {
        var file = Path.Combine(directory, "push.key");
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(file)) Read(key, file);
        else Save(file, key.ExportPkcs8PrivateKeyPem());
        return new VapidSigner(key, $"mailto:postmaster@{hostname}", TimeProvider.System);
    }

    private static void Read(ECDsa key, string file)
    {
        try
        {
            key.ImportFromPem(NamedFile.ReadText(file));
        }
        catch (Exception e) when (e is ArgumentException or CryptographicException)
        {
            throw new InvalidDataException($"'{file}' does not contain a key; remove it, and a new one is created (clients with push must then subscribe again)", e);
        }
    }

    private static void Save(string file, string pem)
    {
        var unfinished = file + ".part";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var writer = new StreamWriter(unfinished, options)) writer.Write(pem);
        File.Move(unfinished, file, overwrite: true);
    }
}
