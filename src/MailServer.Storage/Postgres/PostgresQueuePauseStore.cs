using MailServer.Domain.Delivery;
using MailServer.Storage.Access;
using MailServer.Storage.Directory;

namespace MailServer.Storage.Postgres;

/// <summary>The pauses of the queue, shared by the nodes of a cluster.</summary>
public sealed class PostgresQueuePauseStore(PostgresDatabase database) : IQueuePauseStore
{
    public IReadOnlyList<QueuePause> LoadPauses() => database.Repeat(static connection => connection.ReadAll(QueuePauseRows.Load, QueuePauseRows.Pause));

    public void SavePause(QueuePause pause)
    {
        ArgumentNullException.ThrowIfNull(pause);
        database.Repeat(connection => connection.Execute(QueuePauseRows.Save, QueuePauseRows.Parameters(pause)));
    }

    public void RemovePause(string domain) => database.Repeat(connection => connection.Execute(QueuePauseRows.Remove, ("@domain", domain)));
}
