using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("MailServer.Protocol.Tests")]
