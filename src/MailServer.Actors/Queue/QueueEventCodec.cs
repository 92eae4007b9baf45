namespace MailServer.Actors.Queue;

/// <summary>
/// The stored format of events and snapshots: compact binary with a manifest that names type and version. A changed format gets a new manifest; the old
/// ones stay readable.
/// </summary>
internal static class QueueEventCodec
{
    /// <summary>Identifies this format in every journal; must never change.</summary>
    public const int Serializer = 7301;

    // Version 2 has more flags and the fields that they announce; version 1 is read as if none of them were set.
    private const string Queued = "queued-2";
    private const string FirstQueued = "queued-1";
    private const string Attempted = "attempted-1";
    private const string Noticed = "noticed-1";
    private const string Rescheduled = "rescheduled-1";
    private const string Deleted = "deleted-1";
    private const string Snapshot = "snapshot-2";
    private const string FirstSnapshot = "snapshot-1";

    public static string Manifest(object o) => o switch
    {
        QueueEvent.Queued => Queued,
        QueueEvent.Attempted => Attempted,
        QueueEvent.NoticeSent => Noticed,
        QueueEvent.Rescheduled => Rescheduled,
        QueueEvent.Deleted => Deleted,
        QueueSnapshot => Snapshot,
        _ => throw new ArgumentException($"no stored format for {o.GetType()}", nameof(o)),
    };

    public static byte[] Write(object o)
    {
        using var writer = new QueueWriter();
        switch (o)
        {
            case QueueEvent.Queued queued:
                writer.Write(queued.Item);
                break;
            case QueueEvent.Attempted attempted:
                writer.Write(attempted);
                break;
            case QueueEvent.NoticeSent noticed:
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
                throw new ArgumentException($"no stored format for {o.GetType()}", nameof(o));
        }

        return writer.ToArray();
    }

    /// <summary>Null when the manifest is unknown because a newer version wrote it.</summary>
    public static object? Read(byte[] bytes, string manifest)
    {
        using var reader = new QueueReader(bytes);
        return manifest switch
        {
            Queued or FirstQueued => new QueueEvent.Queued(reader.ReadItem()),
            Attempted => reader.ReadAttempted(),
            Noticed => new QueueEvent.NoticeSent(reader.ReadSpoolId(), reader.ReadList(reader.ReadInt)),
            Rescheduled => new QueueEvent.Rescheduled(reader.ReadSpoolId(), reader.ReadTime(), reader.ReadBool()),
            Deleted => new QueueEvent.Deleted(reader.ReadSpoolId()),
            Snapshot => new QueueSnapshot(reader.ReadList(reader.ReadPacked)),
            FirstSnapshot => new QueueSnapshot([.. reader.ReadList(reader.ReadItem).Select(QueueState.Pack)]),
            _ => null,
        };
    }

    /// <summary>Reads an event or snapshot of the journal.</summary>
    /// <exception cref="InvalidDataException">A newer version wrote it.</exception>
    public static object Decode(byte[] bytes, string manifest) =>
        Read(bytes, manifest) ?? throw new InvalidDataException($"the journal contains '{manifest}', which this version does not support");

    /// <summary>True when the octets can be read; records of a newer version count as readable.</summary>
    public static bool CanRead(string manifest, byte[] bytes)
    {
        try
        {
            if (Read(bytes, manifest) is QueueSnapshot snapshot)
                foreach (var item in snapshot.Items) QueueState.Unpack(item);
            return true;
        }
        catch (Exception)
        {
            // Damaged octets can fail in any way: a length past the end, an invalid address, an invalid date.
            return false;
        }
    }
}
