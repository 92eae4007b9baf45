using System.Collections.Frozen;
using Akka.Actor;
using MailServer.Actors.Filtering;
using MailServer.Actors.Submission;
using MailServer.Domain.Messages;

namespace MailServer.Actors.Mailboxes;

/// <summary>A delivery that goes through the scripts of the account, and how far it is.</summary>
internal sealed class ScriptedDelivery(MailboxProtocol.Deliver request, IActorRef client)
{
    public MailboxProtocol.Deliver Request => request;

    public IActorRef Client => client;

    public SpooledMessage Message => request.Message;

    public ScriptedDeliveryState State { get; set; }

    /// <summary>The number under which the delivery waits for an answer.</summary>
    public long Ticket { get; set; }

    /// <summary>The scripts with which it began; one that is replaced meanwhile counts for the next message.</summary>
    public IReadOnlyList<CompiledScript> Scripts { get; set; } = [];

    public IReadOnlyList<string> OwnAddresses { get; set; } = [];

    public IReadOnlySet<string> Contacts { get; set; } = FrozenSet<string>.Empty;

    public ScriptMailSource Source { get; set; } = new(request.Message, null, request.Recipient);

    public ScriptDecision? Decision { get; set; }

    /// <summary>The messages that are sent once the copies are durable.</summary>
    public IReadOnlyList<PreparedScriptMail> Mails { get; set; } = [];

    /// <summary>Files in the spool that are needed until the copies are durable.</summary>
    public List<SpoolId> Attempts { get; } = [];

    public bool IsAnswered { get; set; }

    /// <summary>The message is kept although a script redirects it, because that is not possible now.</summary>
    public bool KeepsToo { get; set; }

    /// <summary>What has no effect and why, for the trace.</summary>
    public List<string> Remarks { get; } = [];

    /// <summary>What was done, for the trace.</summary>
    public List<string> Done { get; } = [];

    /// <summary>What the account is told with a message, each at most once a day, by its kind.</summary>
    public Dictionary<string, string> Notices { get; } = [];
}

/// <summary>What a delivery waits for.</summary>
internal enum ScriptedDeliveryState
{
    Waiting,

    /// <summary>The addresses of the account.</summary>
    LoadingFacts,

    /// <summary>The messages to be sent are being written.</summary>
    Preparing,

    /// <summary>Its copies are being stored.</summary>
    Storing,

    /// <summary>The copies are durable; the messages are being queued.</summary>
    Publishing,
}
