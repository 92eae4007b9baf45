using Akka.Actor;
using MailServer.Common;

namespace MailServer.Hosting;

/// <summary>Maps the reason of a node's end to an exit code: an end without a stop request makes systemd restart the node.</summary>
internal static class NodeExitCode
{
    /// <param name="stopAsked">Whether a stop request (SIGTERM, SIGINT) came before any other reason.</param>
    /// <param name="reason">The shutdown reason of the actor system; null if it has none.</param>
    public static int From(bool stopAsked, CoordinatedShutdown.Reason? reason) => (stopAsked, reason) switch
    {
        (true, _) => ExitCodes.Success,
        // Requested by an administrator with 'mailserver cluster leave'.
        (_, CoordinatedShutdown.ClusterLeavingReason) => ExitCodes.Success,
        _ => ExitCodes.Restart,
    };
}
