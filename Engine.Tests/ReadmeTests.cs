namespace Engine.Tests;

public class ReadmeTests
{
    [Test]
    public void Program_LearnsTheExclusiveOr()
        => Assert.That(ReadmeProgram.Run().ToArray<int>(), Is.EqualTo(new[] { 0, 1, 1, 0 }));

    [Test]
    public void Program_IsTheOneCompiledHere()
    {
        string root = Root();
        string readme = File.ReadAllText(Path.Combine(root, "README.md"));
        int begin = readme.IndexOf("```csharp\n", StringComparison.Ordinal) + "```csharp\n".Length;
        string[] program = readme[begin..readme.IndexOf("```", begin, StringComparison.Ordinal)].Split('\n', StringSplitOptions.RemoveEmptyEntries);
        string[] compiled = [.. File.ReadAllLines(Path.Combine(root, "Engine.Tests", "ReadmeProgram.cs")).Select(line => line.Trim())];
        var missing = program.Where(line => !line.StartsWith("Console.", StringComparison.Ordinal) && !compiled.Contains(line.Trim()));
        Assert.That(missing, Is.Empty, "Lines of the README's program that ReadmeProgram.cs lacks");
        Assert.That(program, Has.Length.GreaterThan(10));
    }

    private static string Root()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "Engine.sln"))) folder = Path.GetDirectoryName(folder);
        return folder ?? throw new DirectoryNotFoundException("Engine.sln is in no folder above the tests.");
    }
}
