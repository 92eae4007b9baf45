using Akka.Actor;
using Akka.Serialization;

namespace MailServer.Actors.Queue;

/// <summary>Gives the journal's library the form of events and snapshots (<see cref="QueueEventForm"/>).</summary>
internal sealed class QueueSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Of this serializer, in every journal, for ever.</summary>
    public const int Id = 7301;

    public override int Identifier => Id;

    public override string Manifest(object o) => QueueEventForm.Manifest(o);

    public override byte[] ToBinary(object obj) => QueueEventForm.Write(obj);

    public override object FromBinary(byte[] bytes, string manifest) =>
        QueueEventForm.Read(bytes, manifest) ?? throw new ArgumentException($"the journal holds '{manifest}', which this version does not know", nameof(manifest));
}
