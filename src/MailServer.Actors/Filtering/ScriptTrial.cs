using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Sieve.Reading;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Filtering;

/// <summary>Runs scripts on a message and does nothing of what they want.</summary>
internal static class ScriptTrial
{
    public static MailboxReply.ScriptTested Run(
        IReadOnlyList<CompiledScript> scripts, ReadOnlyMemory<byte> message, ScriptContext context, MailboxStore store, ScriptLibrary library, ServerScripts server, Limits limits, TimeProvider time)
    {
        using var content = new InMemoryContent(message);
        var facts = new ScriptFacts(context, store, new ScriptTargets(store, limits, time), library);
        var decision = new ScriptEvaluator(server).Run(scripts, new SieveMessage(content, limits), facts, canReject: true, traces: true);
        return new MailboxReply.ScriptTested([.. decision.Trace, .. decision.Remarks], ScriptActionText.Of(decision), decision.Error);
    }
}
