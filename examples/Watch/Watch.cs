using System.CommandLine;

namespace Engine.Examples;

/// <summary><c>examples -- watch FOLDER</c>: a page that shows runs of training while they go on.</summary>
internal static class Watch
{
    private const int DefaultPort = 6060;

    public static Command Command()
    {
        var folder = new Argument<string>("folder") { Description = "The folder of a run, or one with runs in its subfolders; may be made later" };
        var port = new Option<int>("--port") { Description = "The page's port on this machine; 0 takes a free one", DefaultValueFactory = _ => DefaultPort };
        port.Validators.Add(found =>
        {
            if (found.Tokens.Any(token => int.TryParse(token.Value, out int number) && number is < 0 or > 65535)) found.AddError("--port must be from 0 to 65535.");
        });
        var command = new Command("watch", "Shows runs in the browser while they train") { folder, port };
        command.SetAction((result, cancel) => Run(result.GetValue(folder)!, result.GetValue(port), cancel));
        return command;
    }

    private static async Task<int> Run(string folder, int port, CancellationToken cancel)
    {
        if (File.Exists(folder)) throw new UserException($"{folder} is a file. Give the folder that it is in.");
        await using var server = await WatchServer.Start(folder, port);
        Console.WriteLine($"Watching {folder} at {server.Address} until Ctrl-C");
        try
        {
            await Task.Delay(Timeout.Infinite, cancel);
        }
        catch (OperationCanceledException)
        {
        }
        return 0;
    }
}
