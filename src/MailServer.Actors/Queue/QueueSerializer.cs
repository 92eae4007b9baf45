using Akka.Actor;
using Akka.Serialization;

namespace MailServer.Actors.Queue;

/// <summary>
/// The journal's form of events and snapshots: a short binary one under a manifest that names kind and version. A changed form gets a new
/// manifest; the old ones stay readable.
/// </summary>
internal sealed class QueueSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Of this serializer, in every journal, for ever.</summary>
    public const int Id = 7301;

    // The second form has more flags and what they announce; the first is read as one in which none of them is set.
    private const string Queued = "queued-2";
    private const string FirstQueued = "queued-1";
    private const string Attempted = "attempted-1";
    private const string Noticed = "noticed-1";
    private const string Rescheduled = "rescheduled-1";
    private const string Deleted = "deleted-1";
    private const string Snapshot = "snapshot-2";
    private const string FirstSnapshot = "snapshot-1";

    public override int Identifier => Id;

    public override string Manifest(object o) => o switch
    {
        QueueEvent.Queued => Queued,
        QueueEvent.Attempted => Attempted,
        QueueEvent.Noticed => Noticed,
        QueueEvent.Rescheduled => Rescheduled,
        QueueEvent.Deleted => Deleted,
        QueueSnapshot => Snapshot,
        _ => throw new ArgumentException($"no form for {o.GetType()}", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        using var writer = new QueueWriter();
        switch (obj)
        {
            case QueueEvent.Queued queued:
                writer.Write(queued.Item);
                break;
            case QueueEvent.Attempted attempted:
                writer.Write(attempted);
                break;
            case QueueEvent.Noticed noticed:
                writer.Write(noticed.Id);
                writer.WriteList(noticed.Recipients, writer.Write);
                break;
            case QueueEvent.Rescheduled rescheduled:
                writer.Write(rescheduled.Id);
                writer.Write(rescheduled.Next);
                writer.Write(rescheduled.Held);
                break;
            case QueueEvent.Deleted deleted:
                writer.Write(deleted.Id);
                break;
            case QueueSnapshot snapshot:
                writer.WriteList(snapshot.Items, writer.Write);
                break;
            default:
                throw new ArgumentException($"no form for {obj.GetType()}", nameof(obj));
        }

        return writer.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        using var reader = new QueueReader(bytes);
        return manifest switch
        {
            Queued or FirstQueued => new QueueEvent.Queued(reader.ReadItem()),
            Attempted => reader.ReadAttempted(),
            Noticed => new QueueEvent.Noticed(reader.ReadSpoolId(), reader.ReadList(reader.ReadInt)),
            Rescheduled => new QueueEvent.Rescheduled(reader.ReadSpoolId(), reader.ReadTime(), reader.ReadBool()),
            Deleted => new QueueEvent.Deleted(reader.ReadSpoolId()),
            Snapshot => new QueueSnapshot(reader.ReadList(reader.ReadPacked)),
            FirstSnapshot => new QueueSnapshot([.. reader.ReadList(reader.ReadItem).Select(QueueState.Pack)]),
            _ => throw new ArgumentException($"the journal holds '{manifest}', which this version does not know", nameof(manifest)),
        };
    }
}
