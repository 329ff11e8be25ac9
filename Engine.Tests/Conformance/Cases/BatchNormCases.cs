using Engine.Core;
using Engine.Kernels;

namespace Engine.Tests.Conformance;

public sealed class BatchNormCases : IOpCases
{
    public static IEnumerable<OpCase> All()
    {
        // Channels side by side, around a vector; then planes of positions, around a vector, two of them and the four of a reduction.
        int[][] shapes = [[2, 1], [5, 15], [4, 16], [3, 17], [9, 33], [3, 64], [3, 70], [1, 2, 3], [2, 3, 1, 1], [3, 2, 3, 5], [2, 3, 4, 4], [2, 3, 17], [2, 2, 31], [2, 2, 33], [2, 1, 65]];
        foreach (int[] shape in shapes)
        {
            string name = new Shape(shape).ToString();
            yield return new($"BatchNorm training {name}", x => Train(x), [Arg.Any(shape), .. Parameters(shape[1])]);
            yield return new($"BatchNorm inference {name}", x => x[0].BatchNorm(x[1], x[2], x[3], x[4], training: false), [Arg.Any(shape), .. Parameters(shape[1])]);
            yield return new($"BatchNorm running {name}", x =>
            {
                Train(x);
                return Tensor.Concat([x[3], x[4]]);
            }, [Arg.Any(shape).Constant, .. Parameters(shape[1])])
            { HasGradient = false };
        }
        foreach (var activation in Enum.GetValues<Activation>())
        {
            // Recorded or not: functions whose derivative reads the input are then applied by another kernel.
            if (activation != Activation.None) yield return new($"BatchNorm, {activation}", x => Train(x, null, activation), [Arg.Any(3, 2, 3, 5), .. Parameters(2)]);
            yield return new($"BatchNorm, addend, {activation}", x => Train(x, x[5], activation), [Arg.Any(3, 2, 3, 5), .. Parameters(2), Arg.Any(3, 2, 3, 5)]);
            yield return new($"BatchNorm, addend, {activation}, not recorded", x => Train(x, x[5], activation),
                [Arg.Any(3, 2, 17).Constant, .. Parameters(2).Select(a => a.Constant), Arg.Any(3, 2, 17).Constant])
            { HasGradient = false };
        }
        foreach (int[] shape in new int[][] { [5, 15], [4, 16], [3, 33], [2, 3, 4, 4], [2, 2, 31], [2, 2, 33] })
        {
            yield return new($"BatchNorm {new Shape(shape)}, addend, Relu", x => Train(x, x[5], Activation.Relu), [Arg.Any(shape), .. Parameters(shape[1]), Arg.Any(shape)]);
            yield return new($"BatchNorm inference {new Shape(shape)}, addend, Relu", x => x[0].BatchNorm(x[1], x[2], x[3], x[4], training: false, addend: x[5], activation: Activation.Relu),
                [Arg.Any(shape), .. Parameters(shape[1]), Arg.Any(shape)]);
        }
        yield return new("BatchNorm of itself, addend, Tanh", x => Train(x, x[0], Activation.Tanh), [Arg.Any(4, 3, 2), .. Parameters(3)]);
        yield return new("BatchNorm over a grain", x => Train(x), [Arg.Any(3, 5, 90, 100), .. Parameters(5)]) { Emulate = false, HasGradient = false };
        yield return new("BatchNorm many rows", x => Train(x), [Arg.Any(600, 40), .. Parameters(40)]) { Emulate = false };
        yield return new("BatchNorm inference, no rows", x => x[0].BatchNorm(x[1], x[2], x[3], x[4], training: false), [Arg.Any(0, 3, 2), .. Parameters(3)]);
    }

    private static Tensor Train(Tensor[] x, Tensor? addend = null, Activation activation = Activation.None)
        => x[0].BatchNorm(x[1], x[2], x[3], x[4], training: true, addend: addend, activation: activation);

    private static Arg[] Parameters(int channels)
        => [Arg.Any(channels), Arg.Any(channels), Arg.Any(channels).Constant, Arg.Positive(channels).Constant];
}
