using MailServer.Protocol.Sieve.Running;

namespace MailServer.Protocol.Sieve.Checking;

/// <summary>One branch of an <c>if</c>; the test of <c>else</c> is null.</summary>
internal sealed record IfBranch(SieveTest? Test, IReadOnlyList<SieveCommand> Block);

/// <summary><c>if</c> with all its <c>elsif</c> and <c>else</c> (RFC 5228 §3.1).</summary>
internal sealed class IfCommand(IReadOnlyList<IfBranch> branches) : SieveCommand
{
    public override SieveFlow Run(SieveRun run)
    {
        foreach (var branch in branches)
        {
            if (branch.Test is null || run.Test(branch.Test)) return run.RunBlock(branch.Block);
        }

        return SieveFlow.Next;
    }
}
