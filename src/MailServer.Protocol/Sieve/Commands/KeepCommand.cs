using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>keep</c> (RFC 5228 §4.3). It stores where the junk filter wants the message, which <c>fileinto "INBOX"</c> does not.</summary>
internal sealed class KeepCommand(IReadOnlyList<SieveText>? flags) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments) => new KeepCommand(arguments.ListTag("flags", "imap4flags"));

    public override SieveFlow Run(SieveRun run)
    {
        run.KeepsImplicitly = false;
        var keep = new SieveKeep(TargetArguments.Flags(run, flags), IsImplicit: false);
        if (run.Actions.FirstOrDefault(a => a is SieveKeep && run.Change.IsCurrent(a)) is SieveKeep same)
            run.Replace(same, keep with { Flags = SieveFlags.Read(same.Flags.Concat(keep.Flags)) });
        else run.Add(keep);
        return SieveFlow.Next;
    }
}
