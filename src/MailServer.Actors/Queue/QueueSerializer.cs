using Akka.Actor;
using Akka.Serialization;

namespace MailServer.Actors.Queue;

/// <summary>Serializes events and snapshots for the journal (<see cref="QueueEventCodec"/>).</summary>
internal sealed class QueueSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Identifies this serializer in every journal; must never change.</summary>
    public const int Id = 7301;

    public override int Identifier => Id;

    public override string Manifest(object o) => QueueEventCodec.Manifest(o);

    public override byte[] ToBinary(object obj) => QueueEventCodec.Write(obj);

    public override object FromBinary(byte[] bytes, string manifest) =>
        QueueEventCodec.Read(bytes, manifest) ?? throw new ArgumentException($"the journal contains '{manifest}', which this version does not support", nameof(manifest));
}
