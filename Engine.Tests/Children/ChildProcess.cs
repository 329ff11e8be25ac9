using System.Diagnostics;

namespace Engine.Tests.Children;

/// <summary>Runs this assembly's own <see cref="Program"/> again, under an environment that must be set before a process starts.</summary>
internal static class ChildProcess
{
    /// <summary>What the child printed, both streams, and how it ended.</summary>
    public sealed record Result(int ExitCode, string Output);

    /// <summary>Runs one command of <see cref="Program"/> to its end, or ends it with its children after a time.</summary>
    public static Result Run(IReadOnlyDictionary<string, string> environment, TimeSpan limit, params string[] arguments)
    {
        var start = new ProcessStartInfo(DotNet()) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        start.ArgumentList.Add(typeof(ChildProcess).Assembly.Location);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var child = Process.Start(start)!;
        var output = child.StandardOutput.ReadToEndAsync();
        var errors = child.StandardError.ReadToEndAsync();
        if (!child.WaitForExit(limit))
        {
            child.Kill(entireProcessTree: true);
            Assert.Fail($"The child '{string.Join(' ', arguments)}' was not done after {limit}:\n{output.Result}\n{errors.Result}");
        }
        return new Result(child.ExitCode, output.Result + errors.Result);
    }

    /// <summary>Fails the calling test with the child's output unless it exits with 0.</summary>
    public static void MustPass(IReadOnlyDictionary<string, string> environment, TimeSpan limit, params string[] arguments)
    {
        var result = Run(environment, limit, arguments);
        if (result.ExitCode != 0) Assert.Fail($"The child '{string.Join(' ', arguments)}' exited with {result.ExitCode}:\n{result.Output}");
        TestContext.Out.WriteLine(result.Output);
    }

    private static string DotNet()
    {
        if (Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") is { Length: > 0 } given) return given;
        return Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
    }
}
