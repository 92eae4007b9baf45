using MailServer;
using MailServer.Commands;

return await CommandLine.RunAsync(args, Shell.OfProcess(), CancellationToken.None);
