namespace Engine.Tests.Conformance;

public sealed class SoftmaxCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        foreach (int n in new[] { 1, 2, 10, 15, 16, 17, 33 })
        {
            yield return new($"Softmax rows of {n}", x => x[0].Softmax(), Arg.Any(3, n));
            yield return new($"LogSoftmax rows of {n}", x => x[0].LogSoftmax(), Arg.Any(3, n));
            yield return new($"CrossEntropy {n} classes", x => x[0].CrossEntropy(x[1]), Arg.Any(4, n), Arg.Indices(n, 4));
        }
        foreach (int n in new[] { 255, 256, 257, 513 })
        {
            yield return new($"Softmax rows of {n}", x => x[0].Softmax(), Arg.Any(1, n)) { Emulate = false };
            yield return new($"LogSoftmax rows of {n}", x => x[0].LogSoftmax(), Arg.Any(1, n)) { Emulate = false };
            yield return new($"CrossEntropy {n} classes", x => x[0].CrossEntropy(x[1]), Arg.Any(1, n), Arg.Indices(n, 1)) { Emulate = false };
        }
        yield return new("Softmax one row", x => x[0].Softmax(), Arg.Any(5));
        yield return new("Softmax first axis", x => x[0].Softmax(0), Arg.Any(4, 3));
        yield return new("LogSoftmax middle axis", x => x[0].LogSoftmax(1), Arg.Any(2, 3, 4));
        yield return new("Softmax no rows", x => x[0].Softmax(), Arg.Any(0, 3));
        yield return new("Softmax no columns", x => x[0].Softmax(), Arg.Any(3, 0));
        yield return new("Softmax over a grain", x => x[0].Softmax(), Arg.Any(1000, 17)) { Emulate = false, HasGradient = false };
        yield return new("CrossEntropy over a grain", x => x[0].CrossEntropy(x[1]), Arg.Any(1000, 17), Arg.Indices(17, 1000)) { Emulate = false };
    }
}
