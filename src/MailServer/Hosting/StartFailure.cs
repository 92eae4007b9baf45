using System.Net;
using System.Net.Sockets;
using MailServer.Common;
using MailServer.Configuration;
using MailServer.Diagnostics;
using MailServer.Domain.Accounts;
using MailServer.Network.Certificates;
using MailServer.Network.Diagnostics;
using MailServer.Network.Listeners;
using MailServer.Network.NodeLinks;

namespace MailServer.Hosting;

/// <summary>Describes why the server cannot start, in one line with the remedy. The exception itself is logged at level debug.</summary>
internal static class StartFailure
{
    // <errno.h> on Linux and BSD. The runtime passes the number on in HResult.
    private const int NoSpace = 28;
    private const int TooManyFiles = 24;
    private const int Denied = 13;
    private const int ReadOnlyDisk = 30;

    public static string Describe(Exception failure, MailServerOptions options) =>
        Causes(failure).Select(cause => Explain(cause, options)).FirstOrDefault(static text => text is not null)
        ?? $"the server cannot start: {Plain(failure.GetBaseException())}; 'logging.level: debug' logs the details";

    private static string? Explain(Exception cause, MailServerOptions options) => cause switch
    {
        CommandFailure or CertificateException or ConfigurationException or DirectoryException => cause.Message,
        // Another program has taken a port since the check.
        ListenFailedException { EndPoint: IPEndPoint at } e => PortCheck.Find(options, at) is { } port ? (port with { State = NetworkProbe.StateOf(e.Failure) }).Fault : Plain(e),
        SocketException or NodeLinkException => PortCheck.FindFault(options) ?? $"{Plain(cause)}; is this server already running?",
        UnauthorizedAccessException or IOException { HResult: Denied } =>
            $"{Plain(cause)}; it must belong to {Environment.UserName}, as whom the server runs: 'ls -ld' shows the owner, 'chown' changes it",
        DirectoryNotFoundException => $"{Plain(cause)}; a folder is missing, or a file is in its place: 'mailserver migrate' creates missing folders",
        IOException { HResult: NoSpace } => $"{Plain(cause)}; free space on the disk, then start the server again",
        IOException { HResult: ReadOnlyDisk } => $"{Plain(cause)}; mount the disk for writing, or set storage.data_dir",
        IOException { HResult: TooManyFiles } => $"{Plain(cause)}; raise the limit of open files ('ulimit -n', or LimitNOFILE= of the systemd unit)",
        // Their messages name the file.
        IOException or InvalidDataException => Plain(cause),
        _ => null,
    };

    private static string Plain(Exception e) => e.Message.TrimEnd('.');

    /// <summary>The exception and its inner ones, outermost first.</summary>
    private static IEnumerable<Exception> Causes(Exception e) => e is AggregateException { InnerExceptions: var several }
        ? several.SelectMany(Causes)
        : e.InnerException is { } inner ? Causes(inner).Prepend(e) : [e];
}
