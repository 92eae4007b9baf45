using Akka.Actor;
using MailServer.Actors.Filtering;
using MailServer.Actors.Tracing;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Mailboxes;

/// <summary>What mailboxes need to run scripts.</summary>
internal sealed record ScriptServices
{
    public required ServerScripts Server { get; init; }

    public required MessageSpool Spool { get; init; }

    /// <summary>Sends what scripts want sent.</summary>
    public required ICanTell Mail { get; init; }

    /// <summary>Null: no trace.</summary>
    public required MessageTrace? Trace { get; init; }

    public required string Hostname { get; init; }

    /// <summary>Called between the steps of a delivery, where a crash could occur; tests stop the mailbox there.</summary>
    public Action<string>? FaultPoint { get; init; }
}
