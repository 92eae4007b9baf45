using System.Text;
using Akka.Actor;
using Akka.Serialization;
using MailServer.Storage.Wire;

namespace MailServer.Actors.Serialization;

/// <summary>
/// Serializes all messages between cluster nodes under manifests with type and version, so that two versions can run during a rolling upgrade. Messages
/// larger than a frame should be (a page of a fetch, an attachment) are written to a file in the shared folder, and only its name is sent: the order is
/// kept, and heartbeats are not delayed.
/// </summary>
internal sealed class WireSerializer : SerializerWithStringManifest
{
    /// <summary>Identifies this serializer on every node; must never change.</summary>
    public const int Id = 7302;

    /// <summary>Messages larger than this are passed in a file. A frame may be four times as large (hocon/cluster.conf).</summary>
    public const int Large = 256 * 1024;

    private const byte Inline = 0;
    private const byte InFile = 1;

    private readonly WireSetup _setup;
    private readonly LargeMessageStore? _large;

    public WireSerializer(ExtendedActorSystem system)
        : base(system)
    {
        _setup = system.Settings.Setup.Get<WireSetup>() is { HasValue: true } found ? found.Value : new WireSetup(new WireFolders("/", "", ""));
        _large = _setup.Folders.LargeDirectory.Length == 0 ? null : LargeMessageStore.Open(_setup.Folders.LargeDirectory, _setup.Folders.Node);
    }

    public override int Identifier => Id;

    public override string Manifest(object o) => WireCodecs.Of(o).Manifest;

    public override byte[] ToBinary(object obj)
    {
        var writer = new WireWriter(_setup);
        WireCodecs.Of(obj).Write(writer, obj);
        var bytes = writer.ToArray();
        return _large is null || bytes.Length <= Large ? [Inline, .. bytes] : [InFile, .. Encoding.UTF8.GetBytes(_large.Put(bytes))];
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        ReadOnlyMemory<byte> content = bytes.AsMemory(1);
        if (bytes[0] == InFile)
            content = (_large ?? throw new InvalidDataException($"no folder is configured for the large message '{manifest}' of another node")).Take(Encoding.UTF8.GetString(content.Span));

        return WireCodecs.Of(manifest).Read(new WireReader(content, _setup, system));
    }
}
