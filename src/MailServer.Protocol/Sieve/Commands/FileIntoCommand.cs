using MailServer.Protocol.Sieve.Checking;
using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Commands;

/// <summary><c>fileinto</c> (RFC 5228 §4.1).</summary>
internal sealed class FileIntoCommand(TargetArguments target, bool isCopy, SieveText mailbox) : SieveCommand
{
    public static SieveCommand Check(SieveArguments arguments)
    {
        var target = new TargetArguments(arguments);
        var isCopy = arguments.Flag("copy", "copy");
        return new FileIntoCommand(target, isCopy, arguments.Text("the name of the folder"));
    }

    public override SieveFlow Run(SieveRun run)
    {
        if (!isCopy) run.KeepsImplicitly = false;
        var file = new SieveFileInto(target.Target(run, mailbox, flagsOfMessage: true));
        var same = run.Actions.OfType<SieveFileInto>().FirstOrDefault(a => run.Change.IsCurrent(a) && IsSame(a.Target, file.Target));
        if (same is null) run.Add(file);
        // One folder gets one copy (RFC 5228 §2.10.3).
        else run.Replace(same, same with { Target = same.Target with { Flags = SieveFlags.Read(same.Target.Flags!.Concat(file.Target.Flags!)), Creates = same.Target.Creates || file.Target.Creates } });
        return SieveFlow.Next;
    }

    private static bool IsSame(SieveTarget a, SieveTarget b) => a.Mailbox == b.Mailbox && a.MailboxId == b.MailboxId && a.SpecialUse == b.SpecialUse;
}
